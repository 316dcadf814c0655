//! Who stands below whom and in which order, and what a move makes of it. Pure.

/// A node as moves see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    pub id: i64,
    pub parent: Option<i64>,
    pub name: String,
    /// It can be moved, and others can be put beside it.
    pub free: bool,
    /// Others can be put below it.
    pub roomy: bool,
}

/// Where a node stands, or is to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// None: at the top.
    pub parent: Option<i64>,
    /// The sibling that follows; none: it is the last one.
    pub before: Option<i64>,
}

/// A step by the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
    /// Below the sibling above it.
    In,
    /// Beside what it stands below.
    Out,
}

/// The part of a row that something is dropped on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    Before,
    Into,
    After,
}

impl Zone {
    /// The word for the style sheet.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Into => "into",
            Self::After => "after",
        }
    }
}

/// All nodes, each before what is below it, siblings in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shape(pub Vec<Spot>);

impl Shape {
    pub(crate) fn spot(&self, id: i64) -> Option<&Spot> {
        self.0.iter().find(|s| s.id == id)
    }

    pub(crate) fn name(&self, id: Option<i64>) -> Option<&str> {
        id.and_then(|id| self.spot(id)).map(|s| s.name.as_str())
    }

    /// What is right below `parent`, in order, without the node `but`.
    pub(crate) fn below(&self, parent: Option<i64>, but: i64) -> Vec<&Spot> {
        let inside = self.0.iter().filter(|s| s.parent == parent && s.id != but);
        inside.collect()
    }

    /// Whether `id` is `top`, or stands anywhere below it.
    pub(crate) fn is_in(&self, id: i64, top: i64) -> bool {
        let up = |at: &i64| self.spot(*at).and_then(|s| s.parent);
        std::iter::successors(Some(id), up)
            .take(self.0.len() + 1)
            .any(|at| at == top)
    }

    /// How many levels stand above it.
    pub(crate) fn depth(&self, id: i64) -> usize {
        let up = |at: &i64| self.spot(*at).and_then(|s| s.parent);
        std::iter::successors(up(&id), up)
            .take(self.0.len())
            .count()
    }

    /// Where `id` stands.
    pub(crate) fn place(&self, id: i64) -> Option<Place> {
        let spot = self.spot(id)?;
        let next = self.0.iter().skip_while(|s| s.id != id).skip(1);
        Some(Place {
            parent: spot.parent,
            before: next
                .into_iter()
                .find(|s| s.parent == spot.parent)
                .map(|s| s.id),
        })
    }

    /// Where a step would put `id`; none when there is no such step.
    pub(crate) fn step(&self, id: i64, way: Way) -> Option<Place> {
        let spot = self.spot(id).filter(|s| s.free)?;
        let parent = spot.parent;
        let now = self.place(id)?;
        let others = self.below(parent, id);
        let at = match now.before {
            Some(next) => others.iter().position(|s| s.id == next)?,
            None => others.len(),
        };
        let above = at.checked_sub(1).and_then(|i| others.get(i));
        match way {
            Way::Up => above.map(|s| Place {
                parent,
                before: Some(s.id),
            }),
            Way::Down => (at < others.len()).then(|| Place {
                parent,
                before: others.get(at + 1).map(|s| s.id),
            }),
            Way::In => above.filter(|s| s.roomy).map(|s| Place {
                parent: Some(s.id),
                before: None,
            }),
            Way::Out => {
                let around = self.spot(parent?)?;
                Some(Place {
                    parent: around.parent,
                    before: self.place(around.id)?.before,
                })
            }
        }
    }

    /// Where `id` would stand when dropped on a part of `target`, whose children show when `open`;
    /// none when it can't go there, or stands there already.
    pub(crate) fn dropped(&self, id: i64, target: i64, zone: Zone, open: bool) -> Option<Place> {
        let spot = self.spot(target)?;
        if !self.spot(id)?.free || self.is_in(target, id) {
            return None;
        }
        let inside = self.below(Some(target), id);
        let place = match zone {
            Zone::Into if !spot.roomy => return None,
            Zone::Into => Place {
                parent: Some(target),
                before: None,
            },
            Zone::Before => Place {
                parent: spot.parent,
                before: Some(target),
            },
            // The line below a branch that is open is above its first child.
            Zone::After if open && !inside.is_empty() => Place {
                parent: Some(target),
                before: inside.first().map(|s| s.id),
            },
            Zone::After => {
                let others = self.below(spot.parent, id);
                let at = others.iter().position(|s| s.id == target)?;
                Place {
                    parent: spot.parent,
                    before: others.get(at + 1).map(|s| s.id),
                }
            }
        };
        (self.place(id) != Some(place)).then_some(place)
    }

    /// Which of how many `id` would be in `place`.
    pub(crate) fn ordinal(&self, id: i64, place: Place) -> (usize, usize) {
        let others = self.below(place.parent, id);
        let at = place
            .before
            .and_then(|next| others.iter().position(|s| s.id == next))
            .unwrap_or(others.len());
        (at + 1, others.len() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(id: i64, parent: Option<i64>) -> Spot {
        Spot {
            id,
            parent,
            name: id.to_string(),
            free: true,
            roomy: id != 5,
        }
    }

    /// 1 (2 (3), 4, 5), 6
    fn shape() -> Shape {
        Shape(vec![
            spot(1, None),
            spot(2, Some(1)),
            spot(3, Some(2)),
            spot(4, Some(1)),
            spot(5, Some(1)),
            spot(6, None),
        ])
    }

    fn place(parent: Option<i64>, before: Option<i64>) -> Place {
        Place { parent, before }
    }

    #[test]
    fn a_place_is_the_parent_and_the_next_sibling() {
        let shape = shape();
        assert_eq!(shape.place(2), Some(place(Some(1), Some(4))));
        assert_eq!(shape.place(5), Some(place(Some(1), None)));
        assert_eq!(shape.place(1), Some(place(None, Some(6))));
        assert_eq!(shape.place(9), None);
        assert_eq!((shape.depth(1), shape.depth(3)), (0, 2));
    }

    #[test]
    fn steps_go_one_place_and_end_at_the_edges() {
        let shape = shape();
        assert_eq!(shape.step(4, Way::Up), Some(place(Some(1), Some(2))));
        assert_eq!(shape.step(2, Way::Up), None);
        assert_eq!(shape.step(2, Way::Down), Some(place(Some(1), Some(5))));
        assert_eq!(shape.step(4, Way::Down), Some(place(Some(1), None)));
        assert_eq!(shape.step(5, Way::Down), None);
        assert_eq!(shape.step(4, Way::In), Some(place(Some(2), None)));
        assert_eq!(shape.step(2, Way::In), None);
        assert_eq!(shape.step(3, Way::Out), Some(place(Some(1), Some(4))));
        assert_eq!(shape.step(4, Way::Out), Some(place(None, Some(6))));
        assert_eq!(shape.step(6, Way::Out), None);
    }

    #[test]
    fn nothing_is_dropped_into_itself_or_where_it_stands() {
        let shape = shape();
        for (id, target) in [(1, 1), (1, 3), (2, 3)] {
            for zone in [Zone::Before, Zone::Into, Zone::After] {
                assert_eq!(shape.dropped(id, target, zone, true), None, "{id} {target}");
            }
        }
        assert_eq!(shape.dropped(2, 4, Zone::Before, true), None);
        assert_eq!(shape.dropped(4, 2, Zone::After, false), None);
        assert_eq!(shape.dropped(4, 5, Zone::Into, false), None, "no room");
        assert_eq!(
            shape.dropped(4, 2, Zone::After, true),
            Some(place(Some(2), Some(3)))
        );
        assert_eq!(
            shape.dropped(6, 1, Zone::Into, true),
            Some(place(Some(1), None))
        );
        assert_eq!(
            shape.dropped(2, 5, Zone::After, false),
            Some(place(Some(1), None))
        );
    }

    #[test]
    fn it_is_told_which_of_how_many() {
        let shape = shape();
        assert_eq!(shape.ordinal(6, place(Some(1), Some(4))), (2, 4));
        assert_eq!(shape.ordinal(4, place(Some(1), None)), (3, 3));
    }
}

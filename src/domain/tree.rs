//! Trees of records that each name the one above: departments and menus.
//!
//! [`Tree`] puts flat rows together for showing; [`Lineage`] says, before a row is put in or
//! moved, whether the tree would still be one; [`arrange`] numbers siblings so that they come in a
//! wanted order.

use crate::error::FieldError;
use crate::{Error, Kind, Result, Text};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many levels a tree may have.
pub const MAX_DEPTH: usize = 10;

/// A record that has its place in a tree.
pub trait Node {
    /// Its id.
    fn id(&self) -> i64;
    /// The id of the one above; none at the top.
    fn parent(&self) -> Option<i64>;
}

/// A record with all below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch<T> {
    /// The record.
    pub node: T,
    /// What is right below it, in order.
    pub children: Vec<Branch<T>>,
}

impl<T> Branch<T> {
    fn without(mut self, hidden: &impl Fn(&T) -> bool) -> Option<Self> {
        if hidden(&self.node) {
            return None;
        }
        self.children = pruned(self.children, |b| b.without(hidden));
        Some(self)
    }

    fn leading_to(mut self, wanted: &impl Fn(&T) -> bool) -> Option<Self> {
        self.children = pruned(self.children, |b| b.leading_to(wanted));
        (wanted(&self.node) || !self.children.is_empty()).then_some(self)
    }

    fn push_nodes(self, into: &mut Vec<T>) {
        into.push(self.node);
        for child in self.children {
            child.push_nodes(into);
        }
    }

    fn list_nodes<'a>(&'a self, into: &mut Vec<&'a T>) {
        into.push(&self.node);
        for child in &self.children {
            child.list_nodes(into);
        }
    }
}

fn pruned<T>(
    branches: Vec<Branch<T>>,
    keep: impl Fn(Branch<T>) -> Option<Branch<T>>,
) -> Vec<Branch<T>> {
    branches.into_iter().filter_map(keep).collect()
}

/// A tree, or several side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree<T> {
    /// What is at the top, in order.
    pub roots: Vec<Branch<T>>,
}

impl<T: Node> Tree<T> {
    /// Puts `nodes` together; siblings keep the order they come in. Each is in the tree exactly
    /// once: one whose parent is not among them stands at the top, and a ring, which the rules
    /// let nobody make, is cut open where it is met.
    #[must_use]
    pub fn build(nodes: Vec<T>) -> Self {
        let ids: BTreeSet<i64> = nodes.iter().map(Node::id).collect();
        let mut below: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        let mut tops = Vec::new();
        for (at, node) in nodes.iter().enumerate() {
            match node.parent() {
                Some(parent) if ids.contains(&parent) => below.entry(parent).or_default().push(at),
                _ => tops.push(at),
            }
        }
        let all = 0..nodes.len();
        let mut left: Vec<Option<T>> = nodes.into_iter().map(Some).collect();
        let roots = tops
            .into_iter()
            .chain(all)
            .filter_map(|at| grow(at, &mut left, &mut below))
            .collect();
        Self { roots }
    }
}

fn grow<T: Node>(
    at: usize,
    left: &mut [Option<T>],
    below: &mut BTreeMap<i64, Vec<usize>>,
) -> Option<Branch<T>> {
    let node = left.get_mut(at)?.take()?;
    let children = below
        .remove(&node.id())
        .unwrap_or_default()
        .into_iter()
        .filter_map(|child| grow(child, left, below))
        .collect();
    Some(Branch { node, children })
}

impl<T> Tree<T> {
    /// Cuts off every branch at whose foot a `hidden` node stands.
    #[must_use]
    pub fn without(self, hidden: impl Fn(&T) -> bool) -> Self {
        Self {
            roots: pruned(self.roots, |b| b.without(&hidden)),
        }
    }

    /// Keeps the `wanted` nodes, and of the others those that lead to one.
    #[must_use]
    pub fn leading_to(self, wanted: impl Fn(&T) -> bool) -> Self {
        Self {
            roots: pruned(self.roots, |b| b.leading_to(&wanted)),
        }
    }

    /// The nodes, each before what is below it.
    #[must_use]
    pub fn nodes(&self) -> Vec<&T> {
        let mut nodes = Vec::new();
        for root in &self.roots {
            root.list_nodes(&mut nodes);
        }
        nodes
    }

    /// The same of a tree that is not needed any more.
    #[must_use]
    pub fn into_nodes(self) -> Vec<T> {
        let mut nodes = Vec::new();
        for root in self.roots {
            root.push_nodes(&mut nodes);
        }
        nodes
    }
}

/// Who is above whom, for the rules of placing.
#[derive(Debug, Clone, Default)]
pub struct Lineage(BTreeMap<i64, Option<i64>>);

impl Lineage {
    /// Reads it off the nodes of a whole tree.
    pub fn of<'a, T: Node + 'a>(nodes: impl IntoIterator<Item = &'a T>) -> Self {
        Self(nodes.into_iter().map(|n| (n.id(), n.parent())).collect())
    }

    /// The ids from `id` up to the top. No longer than the tree has nodes, whatever it looks like.
    fn upwards(&self, id: i64) -> impl Iterator<Item = i64> {
        std::iter::successors(Some(id), |at| self.0.get(at).copied().flatten()).take(self.0.len())
    }

    /// `id` and all below it.
    #[must_use]
    pub fn branch(&self, id: i64) -> BTreeSet<i64> {
        let ids = self.0.keys().copied();
        ids.filter(|at| self.upwards(*at).any(|up| up == id))
            .collect()
    }

    /// How many levels there are from `id` down to its deepest descendant; 1 for a leaf.
    fn height(&self, id: i64) -> usize {
        let levels = |at: &i64| self.upwards(*at).position(|up| up == id);
        let deepest = self.0.keys().filter_map(levels).max();
        deepest.map_or(1, |steps| steps + 1)
    }

    /// Whether a node (none: a new one) may stand below `parent` (none: at the top).
    ///
    /// # Errors
    /// [`Kind::Conflict`] on `parentId` when it would stand below itself, or the tree would
    /// become deeper than [`MAX_DEPTH`].
    pub fn place(&self, id: Option<i64>, parent: Option<i64>) -> Result<()> {
        let Some(parent) = parent else {
            // The top is never deeper than where it stood.
            return Ok(());
        };
        if id.is_some_and(|id| self.upwards(parent).any(|up| up == id)) {
            return Err(misplaced(Text::fixed(
                "不能移到自身或其下级之下",
                "can't be moved below itself or what is below it",
            )));
        }
        let levels = self.upwards(parent).count() + id.map_or(1, |id| self.height(id));
        if levels > MAX_DEPTH {
            return Err(misplaced(Text::new(
                format!("至多 {MAX_DEPTH} 级"),
                format!("would make more than {MAX_DEPTH} levels"),
            )));
        }
        Ok(())
    }
}

/// Where among its siblings a node is to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Position {
    /// Before all others.
    First,
    /// After all others.
    #[default]
    Last,
    /// Right before the sibling with this id.
    Before(i64),
}

impl Position {
    /// Reads `first`, `last` (which an empty text says too), or a sibling's id.
    ///
    /// # Errors
    /// [`Kind::Invalid`] on `position` for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        match text.trim() {
            "first" => Ok(Self::First),
            "" | "last" => Ok(Self::Last),
            id => id.parse().map(Self::Before).map_err(|_| {
                Error::field(
                    "position",
                    Text::fixed(
                        "应为 first、last 或同级的编号",
                        "must be first, last or the id of a sibling",
                    ),
                )
            }),
        }
    }
}

/// The highest number that places a node among its siblings.
const MAX_SORT: i64 = 1_000_000;

/// How far apart siblings are numbered, so that another finds room between two of them.
const STEP: i64 = 10;

/// Which sort numbers have to change so that `node` comes at `at` among its `siblings`. Each is an
/// id and its number; siblings come in order, which is by number and then by id, and without the
/// node. Only the node's own number changes where that is enough, else all are numbered anew.
///
/// # Errors
/// [`Kind::Invalid`] on `position` when it names none of the siblings.
pub fn arrange(siblings: &[(i64, i64)], node: (i64, i64), at: Position) -> Result<Vec<(i64, i64)>> {
    let index = match at {
        Position::First => 0,
        Position::Last => siblings.len(),
        Position::Before(id) => siblings.iter().position(|s| s.0 == id).ok_or_else(|| {
            Error::field(
                "position",
                Text::fixed("不在新上级之下", "does not stand below the new parent"),
            )
        })?,
    };
    let (id, now) = node;
    let before = index.checked_sub(1).and_then(|i| siblings.get(i));
    let after = siblings.get(index);
    let fits = |sort: &i64| {
        (0..=MAX_SORT).contains(sort)
            && before.is_none_or(|(b, number)| (*number, *b) < (*sort, id))
            && after.is_none_or(|(a, number)| (*sort, id) < (*number, *a))
    };
    let wanted = match (before, after) {
        (None, None) => now,
        (Some(b), None) => b.1.saturating_add(STEP),
        (None, Some(a)) => a.1 / 2,
        (Some(b), Some(a)) => b.1.midpoint(a.1),
    };
    let close = [before, after].into_iter().flatten().map(|n| n.1);
    let candidates = [now, wanted].into_iter().chain(close);
    if let Some(sort) = candidates.into_iter().find(fits) {
        return Ok((sort != now).then_some((id, sort)).into_iter().collect());
    }
    let mut order: Vec<(i64, i64)> = siblings.to_vec();
    order.insert(index, node);
    let numbers = (1..).map(|n: i64| n.saturating_mul(STEP).min(MAX_SORT));
    Ok(order
        .into_iter()
        .zip(numbers)
        .filter(|((_, old), new)| old != new)
        .map(|((id, _), new)| (id, new))
        .collect())
}

fn misplaced(text: Text) -> Error {
    let named = Error::fields(vec![FieldError {
        field: "parentId".into(),
        text,
    }]);
    Error {
        kind: Kind::Conflict,
        ..named
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Item(i64, Option<i64>);

    impl Node for Item {
        fn id(&self) -> i64 {
            self.0
        }
        fn parent(&self) -> Option<i64> {
            self.1
        }
    }

    fn items(list: &[(i64, i64)]) -> Vec<Item> {
        let parent = |p: i64| (p != 0).then_some(p);
        list.iter().map(|(id, p)| Item(*id, parent(*p))).collect()
    }

    fn spelled(branches: &[Branch<Item>]) -> String {
        let one = |b: &Branch<Item>| match b.children.is_empty() {
            true => b.node.0.to_string(),
            false => format!("{}({})", b.node.0, spelled(&b.children)),
        };
        branches.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn siblings_keep_their_order() {
        let tree = Tree::build(items(&[(5, 1), (1, 0), (4, 1), (2, 0), (3, 4)]));
        assert_eq!(spelled(&tree.roots), "1(5 4(3)) 2");
        let ids: Vec<i64> = tree.nodes().into_iter().map(Node::id).collect();
        assert_eq!(ids, [1, 5, 4, 3, 2]);
        let ids: Vec<i64> = tree.into_nodes().iter().map(Node::id).collect();
        assert_eq!(ids, [1, 5, 4, 3, 2]);
    }

    #[test]
    fn strays_and_rings_are_shown_too() {
        let stray = Tree::build(items(&[(1, 9), (2, 1)]));
        assert_eq!(spelled(&stray.roots), "1(2)");
        let ring = Tree::build(items(&[(1, 0), (2, 3), (3, 2), (4, 3), (5, 5)]));
        assert_eq!(spelled(&ring.roots), "1 2(3(4)) 5");
    }

    #[test]
    fn branches_are_cut_and_ways_are_kept() {
        let tree = || Tree::build(items(&[(1, 0), (2, 1), (3, 2), (4, 1), (5, 0)]));
        assert_eq!(spelled(&tree().without(|n| n.0 == 2).roots), "1(4) 5");
        assert_eq!(spelled(&tree().leading_to(|n| n.0 == 3).roots), "1(2(3))");
        assert_eq!(spelled(&tree().leading_to(|n| n.0 == 2).roots), "1(2)");
        assert!(tree().leading_to(|_| false).roots.is_empty());
    }

    #[test]
    fn a_move_is_refused_with_its_reason() {
        let lineage = Lineage::of(&items(&[(1, 0), (2, 1), (3, 2)]));
        for (id, parent) in [(1, 1), (1, 2), (1, 3), (2, 3)] {
            let error = lineage.place(Some(id), Some(parent)).expect_err("a ring");
            assert_eq!(error.kind, Kind::Conflict);
            assert_eq!(error.fields[0].field, "parentId");
            assert!(error.text.en.contains("below itself"), "{error}");
        }
        lineage.place(Some(3), Some(1)).expect("up");
        lineage.place(Some(3), None).expect("to the top");
        let deep: Vec<(i64, i64)> = (1..=10).map(|id| (id, id - 1)).collect();
        let lineage = Lineage::of(&items(&deep));
        lineage.place(None, Some(9)).expect("ten levels");
        let error = lineage.place(None, Some(10)).expect_err("eleven levels");
        assert!(error.text.zh.contains("10 级"), "{error}");
    }

    #[test]
    fn a_position_is_first_last_or_an_id() {
        assert_eq!(Position::parse("first").expect("first"), Position::First);
        assert_eq!(Position::parse("").expect("last"), Position::Last);
        assert_eq!(Position::parse(" 7 ").expect("id"), Position::Before(7));
        let error = Position::parse("middle").expect_err("no place");
        assert_eq!(error.fields[0].field, "position");
    }

    #[test]
    fn only_the_moved_one_is_renumbered_where_there_is_room() {
        let arranged = |siblings: &[(i64, i64)], node, at| arrange(siblings, node, at).expect("ok");
        let spaced = [(1, 10), (2, 20)];
        assert_eq!(arranged(&spaced, (3, 30), Position::Before(2)), [(3, 15)]);
        assert_eq!(arranged(&spaced, (3, 12), Position::Last), [(3, 30)]);
        assert_eq!(arranged(&spaced, (3, 12), Position::First), [(3, 5)]);
        assert_eq!(arranged(&spaced, (3, 12), Position::Before(2)), []);
        assert_eq!(arranged(&[], (3, 12), Position::First), []);
        let close = [(1, 0), (2, 0)];
        assert_eq!(
            arranged(&close, (3, 0), Position::Before(2)),
            [(1, 10), (3, 20), (2, 30)]
        );
        let error = arrange(&close, (3, 0), Position::Before(9)).expect_err("a stranger");
        assert_eq!(error.fields[0].field, "position");
    }

    /// Parents at random: strays, rings and all.
    fn any_items() -> impl Strategy<Value = Vec<Item>> {
        proptest::collection::vec(0_i64..14, 0..12).prop_map(|parents| {
            let pairs: Vec<(i64, i64)> = (1..).zip(parents).collect();
            items(&pairs)
        })
    }

    /// What the depth of a node is, found another way; none on a ring.
    fn depth(nodes: &BTreeMap<i64, Option<i64>>, id: i64) -> Option<usize> {
        let (mut at, mut levels) = (id, 1);
        while let Some(parent) = nodes[&at] {
            at = parent;
            levels += 1;
            if levels > nodes.len() {
                return None;
            }
        }
        Some(levels)
    }

    proptest! {
        #[test]
        fn every_node_is_in_the_tree_once(nodes in any_items()) {
            let mut ids: Vec<i64> = Tree::build(nodes.clone())
                .into_nodes()
                .iter()
                .map(Node::id)
                .collect();
            ids.sort_unstable();
            prop_assert!(ids.into_iter().eq(nodes.iter().map(Node::id)));
        }

        #[test]
        fn every_child_stands_below_its_parent(nodes in any_items()) {
            fn check(branch: &Branch<Item>) -> bool {
                branch.children.iter().all(|c| c.node.1 == Some(branch.node.0) && check(c))
            }
            prop_assert!(Tree::build(nodes).roots.iter().all(check));
        }

        #[test]
        fn rings_end_no_walk(nodes in any_items(), id in 0_i64..14, parent in 0_i64..14) {
            let lineage = Lineage::of(&nodes);
            drop(lineage.place(Some(id), Some(parent)));
            prop_assert!(lineage.branch(id).len() <= nodes.len());
        }

        #[test]
        fn what_leads_to_the_wanted_is_kept_and_no_more(
            nodes in any_items(), wanted in proptest::collection::btree_set(1_i64..14, 0..4)
        ) {
            fn check(branch: &Branch<Item>, wanted: &BTreeSet<i64>) -> bool {
                (wanted.contains(&branch.node.0) || !branch.children.is_empty())
                    && branch.children.iter().all(|c| check(c, wanted))
            }
            let kept = Tree::build(nodes.clone()).leading_to(|n| wanted.contains(&n.0));
            prop_assert!(kept.roots.iter().all(|b| check(b, &wanted)));
            let ids: BTreeSet<i64> = kept.into_nodes().iter().map(Node::id).collect();
            for node in &nodes {
                prop_assert!(!wanted.contains(&node.0) || ids.contains(&node.0));
            }
        }

        /// However often nodes are put in and moved about, it stays a tree, no deeper than
        /// allowed; and nothing is refused without need.
        #[test]
        fn a_tree_stays_one(
            steps in proptest::collection::vec((0_i64..20, 0_i64..20), 0..60)
        ) {
            let mut nodes: BTreeMap<i64, Option<i64>> = BTreeMap::new();
            for (id, parent) in steps {
                let id = id + 1;
                let parent = (parent != 0).then_some(parent);
                if parent.is_some_and(|p| !nodes.contains_key(&p) && p != id) {
                    continue;
                }
                let there = nodes.contains_key(&id);
                if !there && parent == Some(id) {
                    continue;
                }
                let items: Vec<Item> = nodes.iter().map(|(id, p)| Item(*id, *p)).collect();
                let allowed = Lineage::of(&items).place(there.then_some(id), parent).is_ok();
                let mut moved = nodes.clone();
                moved.insert(id, parent);
                let good = moved
                    .keys()
                    .all(|id| depth(&moved, *id).is_some_and(|d| d <= MAX_DEPTH));
                prop_assert_eq!(allowed, good);
                if allowed {
                    nodes = moved;
                }
            }
        }

        #[test]
        fn siblings_come_in_the_wanted_order(
            numbers in proptest::collection::vec(0_i64..6, 1..8), node in 0_usize..8, to in 0_usize..8
        ) {
            let mut all: Vec<(i64, i64)> = (1..).zip(numbers).collect();
            let node = all.remove(node % all.len());
            all.sort_unstable_by_key(|(id, sort)| (*sort, *id));
            let to = to % (all.len() + 1);
            let at = all.get(to).map_or(Position::Last, |s| Position::Before(s.0));
            let changed: BTreeMap<i64, i64> =
                arrange(&all, node, at).expect("a sibling").into_iter().collect();
            let mut wanted: Vec<i64> = all.iter().map(|s| s.0).collect();
            wanted.insert(to, node.0);
            all.push(node);
            for (id, sort) in &mut all {
                *sort = changed.get(id).copied().unwrap_or(*sort);
            }
            all.sort_unstable_by_key(|(id, sort)| (*sort, *id));
            let came: Vec<i64> = all.iter().map(|s| s.0).collect();
            prop_assert_eq!(came, wanted);
        }

        #[test]
        fn a_branch_is_what_has_its_head_above(nodes in any_items(), id in 1_i64..12) {
            let tree = Tree::build(nodes.clone());
            let lineage = Lineage::of(&nodes);
            fn find(branches: &[Branch<Item>], id: i64) -> Option<&Branch<Item>> {
                branches
                    .iter()
                    .find_map(|b| if b.node.0 == id { Some(b) } else { find(&b.children, id) })
            }
            let acyclic = nodes.iter().all(|n| {
                let known: BTreeMap<i64, Option<i64>> = nodes
                    .iter()
                    .map(|n| (n.0, n.1.filter(|p| nodes.iter().any(|m| m.0 == *p))))
                    .collect();
                depth(&known, n.0).is_some()
            });
            if acyclic && let Some(branch) = find(&tree.roots, id) {
                let mut ids = Vec::new();
                branch.clone().push_nodes(&mut ids);
                let ids: BTreeSet<i64> = ids.iter().map(Node::id).collect();
                prop_assert_eq!(lineage.branch(id), ids);
            }
        }
    }
}

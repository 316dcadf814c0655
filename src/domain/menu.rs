//! Menus: what a front end shows of itself, and to whom.

use crate::error::Problems;
use crate::ids::{MenuId, UserId};
use crate::permission::own_english;
use crate::role::Status;
use crate::tree::{Node, Tree};
use crate::{Error, Grants, Result, Text, Timestamp, permission, validate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What kind of menu entry it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MenuKind {
    /// A group of others (`dir`).
    Dir,
    /// A page (`page`).
    #[default]
    Page,
    /// Something on a page, such as a button (`button`).
    Button,
}

impl MenuKind {
    /// The word that clients and the database know it by.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Dir => "dir",
            Self::Page => "page",
            Self::Button => "button",
        }
    }

    /// Reads `dir`, `page` or `button`.
    ///
    /// # Errors
    /// [`crate::Kind::Invalid`] on `menuType` for anything else.
    pub fn parse(code: &str) -> Result<Self> {
        match code {
            "dir" => Ok(Self::Dir),
            "page" => Ok(Self::Page),
            "button" => Ok(Self::Button),
            _ => Err(Error::field(
                "menuType",
                Text::fixed(
                    "应为 dir（目录）、page（页面）或 button（按钮）",
                    "must be dir, page or button",
                ),
            )),
        }
    }
}

/// A menu entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Menu {
    /// Its id.
    pub id: MenuId,
    /// The entry above it; none at the top.
    pub parent_id: Option<MenuId>,
    /// Its name in both languages.
    pub name: Text,
    /// What kind of entry it is.
    pub kind: MenuKind,
    /// The front end's route, or an address; may be empty.
    pub path: String,
    /// The front end's component; may be empty.
    pub component: String,
    /// The icon's name; may be empty.
    pub icon: String,
    /// The permission, or a pattern, without which it is not shown.
    pub permission: Option<String>,
    /// Where it stands among its siblings; small numbers first.
    pub sort: i64,
    /// Whether it is shown in menus.
    pub visible: bool,
    /// Whether it is in use.
    pub status: Status,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who changed it last.
    pub updated_by: Option<UserId>,
    /// When it was changed last.
    pub updated_at: Option<Timestamp>,
}

impl Node for Menu {
    fn id(&self) -> i64 {
        self.id.0
    }

    fn parent(&self) -> Option<i64> {
        self.parent_id.map(|p| p.0)
    }
}

impl Tree<Menu> {
    /// The entries that somebody with these grants is shown, of whose roles `linked` are linked
    /// to hers. Whoever may do everything needs no link. An entry that is hidden, disabled or
    /// asks for a permission that she lacks is left out with all below it; entries that lead to
    /// a linked one are in, directories that hold nothing are not.
    #[must_use]
    pub fn shown_to(self, grants: &Grants, linked: &BTreeSet<MenuId>) -> Self {
        let everything = grants.allow(permission::EVERYTHING);
        let closed = |menu: &Menu| {
            !menu.visible
                || menu.status == Status::Disabled
                || menu.permission.as_deref().is_some_and(|p| !grants.allow(p))
        };
        let wanted =
            |menu: &Menu| menu.kind != MenuKind::Dir && (everything || linked.contains(&menu.id));
        self.without(closed).leading_to(wanted)
    }
}

/// A menu entry to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMenu {
    /// The entry above it; none for the top.
    pub parent_id: Option<MenuId>,
    /// Its Chinese name, 1 to 50 characters.
    pub name_zh: String,
    /// Its English name, at most 50 characters; empty: the same as the Chinese one.
    pub name_en: String,
    /// What kind of entry it is.
    pub kind: MenuKind,
    /// The front end's route, or an address, at most 200 characters.
    pub path: String,
    /// The front end's component, at most 200 characters.
    pub component: String,
    /// The icon's name, at most 100 characters.
    pub icon: String,
    /// The permission, or a pattern, without which it is not shown.
    pub permission: Option<String>,
    /// Where it stands among its siblings.
    pub sort: i64,
    /// Whether it is shown in menus.
    pub visible: bool,
    /// Whether it is in use.
    pub status: Status,
}

impl Default for NewMenu {
    fn default() -> Self {
        Self {
            parent_id: None,
            name_zh: String::new(),
            name_en: String::new(),
            kind: MenuKind::default(),
            path: String::new(),
            component: String::new(),
            icon: String::new(),
            permission: None,
            sort: 0,
            visible: true,
            status: Status::default(),
        }
    }
}

impl NewMenu {
    /// The same with its texts trimmed, an empty permission being none.
    ///
    /// # Errors
    /// [`crate::Kind::Invalid`], naming every field at fault.
    pub fn checked(self) -> Result<Self> {
        let mut problems = Problems::default();
        let name_zh = problems.take(validate::text("menuName", &self.name_zh, 1, 50));
        let name_en = problems.take(validate::text("nameEn", &self.name_en, 0, 50));
        let path = problems.take(address(&self.path));
        let component = problems.take(validate::text("component", &self.component, 0, 200));
        let icon = problems.take(validate::text("icon", &self.icon, 0, 100));
        let sort = problems.take(validate::range("orderNum", self.sort, 0, 1_000_000));
        problems.finish()?;
        let name_zh = name_zh.unwrap_or_default();
        let permission = self.permission.map(|p| p.trim().to_owned());
        Ok(Self {
            name_en: name_en
                .filter(|n| !n.is_empty())
                .unwrap_or_else(|| name_zh.clone()),
            name_zh,
            path: path.unwrap_or_default(),
            component: component.unwrap_or_default(),
            icon: icon.unwrap_or_default(),
            permission: permission.filter(|p| !p.is_empty()),
            sort: sort.unwrap_or_default(),
            ..self
        })
    }
}

/// A front end's route, or an `http` address: whatever links to it must not run a script.
fn address(value: &str) -> Result<String> {
    let value = validate::text("path", value, 0, 200)?;
    let scheme = value
        .split_once(':')
        .map(|(scheme, _)| scheme)
        .filter(|scheme| !scheme.contains(['/', '?', '#']));
    let good = scheme.is_none_or(|s| {
        s.eq_ignore_ascii_case("http") || s.eq_ignore_ascii_case("https") || s.is_empty()
    }) && !value.chars().any(char::is_control);
    if good {
        Ok(value)
    } else {
        Err(Error::field(
            "path",
            Text::fixed(
                "应为前端路由，或 http(s) 地址",
                "must be a route of the front end, or an http(s) address",
            ),
        ))
    }
}

/// A change of a menu entry: what is `None` stays as it is; an empty text clears.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuChange {
    /// Another entry to stand below; `Some(None)` for the top.
    pub parent_id: Option<Option<MenuId>>,
    /// A new Chinese name.
    pub name_zh: Option<String>,
    /// A new English name.
    pub name_en: Option<String>,
    /// Another kind.
    pub kind: Option<MenuKind>,
    /// Another route or address.
    pub path: Option<String>,
    /// Another component.
    pub component: Option<String>,
    /// Another icon.
    pub icon: Option<String>,
    /// Another permission; `Some(None)` for none.
    pub permission: Option<Option<String>>,
    /// A new place among its siblings.
    pub sort: Option<i64>,
    /// Whether it is shown in menus.
    pub visible: Option<bool>,
    /// A new status.
    pub status: Option<Status>,
}

impl MenuChange {
    /// The entry after the change.
    ///
    /// # Errors
    /// [`crate::Kind::Invalid`], naming every field at fault.
    pub fn applied(self, before: &Menu) -> Result<Menu> {
        let after = NewMenu {
            parent_id: self.parent_id.unwrap_or(before.parent_id),
            name_zh: self
                .name_zh
                .unwrap_or_else(|| before.name.zh.clone().into_owned()),
            name_en: self
                .name_en
                .unwrap_or_else(|| own_english(&before.name.zh, &before.name.en).to_owned()),
            kind: self.kind.unwrap_or(before.kind),
            path: self.path.unwrap_or_else(|| before.path.clone()),
            component: self.component.unwrap_or_else(|| before.component.clone()),
            icon: self.icon.unwrap_or_else(|| before.icon.clone()),
            permission: self.permission.unwrap_or_else(|| before.permission.clone()),
            sort: self.sort.unwrap_or(before.sort),
            visible: self.visible.unwrap_or(before.visible),
            status: self.status.unwrap_or(before.status),
        }
        .checked()?;
        Ok(Menu {
            parent_id: after.parent_id,
            name: Text::new(after.name_zh, after.name_en),
            kind: after.kind,
            path: after.path,
            component: after.component,
            icon: after.icon,
            permission: after.permission,
            sort: after.sort,
            visible: after.visible,
            status: after.status,
            ..before.clone()
        })
    }
}

/// Which menu entries a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuFilter {
    /// Part of the name in either language, in any letter case.
    pub name: Option<String>,
    /// The kind.
    pub kind: Option<MenuKind>,
    /// The status.
    pub status: Option<Status>,
}

impl MenuFilter {
    /// Whether it lets `menu` through.
    #[must_use]
    pub fn lets(&self, menu: &Menu) -> bool {
        let name = self.name.as_deref();
        (validate::holds(&menu.name.zh, name) || validate::holds(&menu.name.en, name))
            && self.kind.is_none_or(|k| k == menu.kind)
            && self.status.is_none_or(|s| s == menu.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn menu(id: i64, parent: i64, kind: MenuKind) -> Menu {
        Menu {
            id: MenuId(id),
            parent_id: (parent != 0).then_some(MenuId(parent)),
            name: Text::new(format!("菜单{id}"), format!("Menu {id}")),
            kind,
            path: String::new(),
            component: String::new(),
            icon: String::new(),
            permission: None,
            sort: 0,
            visible: true,
            status: Status::Active,
            created_by: None,
            created_at: Timestamp(1),
            updated_by: None,
            updated_at: None,
        }
    }

    /// 1 dir { 2 page { 3 button }, 4 page }, 5 dir { 6 dir }, 7 page
    fn all() -> Vec<Menu> {
        use MenuKind::{Button, Dir, Page};
        vec![
            menu(1, 0, Dir),
            menu(2, 1, Page),
            menu(3, 2, Button),
            menu(4, 1, Page),
            menu(5, 0, Dir),
            menu(6, 5, Dir),
            menu(7, 0, Page),
        ]
    }

    fn shown(menus: Vec<Menu>, grants: &[&str], linked: &[i64]) -> Vec<i64> {
        let grants: Grants = grants.iter().copied().collect();
        let linked = linked.iter().map(|id| MenuId(*id)).collect();
        let tree = Tree::build(menus).shown_to(&grants, &linked);
        tree.into_nodes().iter().map(|m| m.id.0).collect()
    }

    #[test]
    fn one_is_shown_what_ones_roles_hold_and_the_way_there() {
        assert_eq!(shown(all(), &["*:*:*"], &[]), [1, 2, 3, 4, 7]);
        assert_eq!(shown(all(), &[], &[3]), [1, 2, 3]);
        assert_eq!(shown(all(), &["a:b:c"], &[4, 5, 6]), [1, 4]);
        assert_eq!(shown(all(), &["*:*:x"], &[1]), [0; 0]);
    }

    #[test]
    fn what_is_closed_is_closed_with_all_below_it() {
        let mut menus = all();
        menus[1].permission = Some("system:user:list".into());
        assert_eq!(shown(menus.clone(), &[], &[2, 3, 4]), [1, 4]);
        let may = ["system:user:*"];
        assert_eq!(shown(menus.clone(), &may, &[2, 3, 4]), [1, 2, 3, 4]);
        menus[3].visible = false;
        menus[6].status = Status::Disabled;
        assert_eq!(shown(menus.clone(), &["*:*:*"], &[]), [1, 2, 3]);
        menus[0].status = Status::Disabled;
        assert_eq!(shown(menus, &["*:*:*"], &[]), [0; 0]);
    }

    #[test]
    fn every_field_at_fault_is_named() {
        let bad = NewMenu {
            name_zh: String::new(),
            name_en: "x".repeat(51),
            path: "javascript:alert(1)".into(),
            component: "x".repeat(201),
            icon: "x".repeat(101),
            sort: -1,
            ..NewMenu::default()
        };
        let error = bad.checked().expect_err("all wrong");
        let named: Vec<_> = error.fields.iter().map(|f| f.field.as_ref()).collect();
        let expected = [
            "menuName",
            "nameEn",
            "path",
            "component",
            "icon",
            "orderNum",
        ];
        assert_eq!(named, expected);
    }

    #[test]
    fn without_an_english_name_the_chinese_one_stands() {
        let new = NewMenu {
            name_zh: " 用户 ".into(),
            permission: Some(" ".into()),
            ..NewMenu::default()
        };
        let new = new.checked().expect("good");
        assert_eq!(
            (new.name_zh.as_str(), new.name_en.as_str()),
            ("用户", "用户")
        );
        assert_eq!(new.permission, None);
    }

    #[test]
    fn an_address_runs_no_script() {
        for good in [
            "",
            "/users",
            "users",
            ":id",
            "/users/:id",
            "https://example.com/a:b",
            "HTTP://example.com",
            "/a?to=x:y",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            " JavaScript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "a\tb",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_change_touches_only_what_is_sent() {
        let before = Menu {
            permission: Some("a:b:c".into()),
            ..menu(2, 1, MenuKind::Page)
        };
        let same = MenuChange::default().applied(&before).expect("good");
        assert_eq!(same, before);
        let change = MenuChange {
            parent_id: Some(None),
            permission: Some(None),
            visible: Some(false),
            ..MenuChange::default()
        };
        let after = change.applied(&before).expect("good");
        let expected = Menu {
            parent_id: None,
            permission: None,
            visible: false,
            ..before
        };
        assert_eq!(after, expected);
    }

    #[test]
    fn filters_go_by_name_kind_and_status() {
        let page = menu(2, 0, MenuKind::Page);
        let by = |name: &str, kind| MenuFilter {
            name: Some(name.into()),
            kind,
            status: None,
        };
        assert!(by("MENU", None).lets(&page));
        assert!(by("菜单2", Some(MenuKind::Page)).lets(&page));
        assert!(!by("菜单3", None).lets(&page));
        assert!(!by("", Some(MenuKind::Dir)).lets(&page));
        let disabled = MenuFilter {
            status: Some(Status::Disabled),
            ..MenuFilter::default()
        };
        assert!(!disabled.lets(&page));
    }

    proptest! {
        /// Whatever the menus: nothing closed, nothing without its parent, no empty directory.
        #[test]
        fn what_is_shown_is_open_and_leads_somewhere(
            rows in proptest::collection::vec((0_i64..10, 0..3, any::<bool>(), any::<bool>(), any::<bool>()), 0..12),
            linked in proptest::collection::btree_set(1_i64..12, 0..8),
        ) {
            let kinds = [MenuKind::Dir, MenuKind::Page, MenuKind::Button];
            let menus: Vec<Menu> = (1..)
                .zip(&rows)
                .map(|(id, (parent, kind, visible, active, guarded))| Menu {
                    visible: *visible,
                    status: if *active { Status::Active } else { Status::Disabled },
                    permission: guarded.then(|| "a:b:c".to_owned()),
                    // Those above come first: no rings.
                    ..menu(id, parent % id, kinds[usize::try_from(*kind).expect("small")])
                })
                .collect();
            let linked: Vec<i64> = linked.into_iter().collect();
            let ids = shown(menus.clone(), &["x:y:z"], &linked);
            for menu in menus.iter().filter(|m| ids.contains(&m.id.0)) {
                prop_assert!(menu.visible && menu.status == Status::Active);
                prop_assert!(menu.permission.is_none());
                prop_assert!(menu.parent_id.is_none_or(|p| ids.contains(&p.0)));
                let leads = menus.iter().any(|m| m.parent_id == Some(menu.id) && ids.contains(&m.id.0));
                prop_assert!(leads || (menu.kind != MenuKind::Dir && linked.contains(&menu.id.0)));
            }
        }
    }
}

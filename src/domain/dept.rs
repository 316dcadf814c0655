//! Departments.

use crate::error::Problems;
use crate::ids::{DeptId, UserId};
use crate::role::Status;
use crate::scope::Sight;
use crate::tree::Node;
use crate::{Result, Timestamp, validate};
use serde::{Deserialize, Serialize};

/// A department as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dept {
    /// Its id.
    pub id: DeptId,
    /// The department above it; none at the top.
    pub parent_id: Option<DeptId>,
    /// The ids from the root down to this one, as in `0,1,4`.
    pub path: String,
    /// Its name, unlike its siblings'.
    pub name: String,
    /// Where it stands among its siblings; small numbers first.
    pub sort: i64,
    /// Who leads it.
    pub leader: Option<String>,
    /// A telephone number.
    pub phone: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// Whether it can be chosen for users.
    pub status: Status,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who changed it last.
    pub updated_by: Option<UserId>,
    /// When it was changed last.
    pub updated_at: Option<Timestamp>,
    /// How many users are in it, not counting those of departments below.
    pub users: i64,
}

impl Node for Dept {
    fn id(&self) -> i64 {
        self.id.0
    }

    fn parent(&self) -> Option<i64> {
        self.parent_id.map(|p| p.0)
    }
}

/// The path of a department whose parent has this path; none at the top.
#[must_use]
pub fn path(parent: Option<&str>, id: DeptId) -> String {
    format!("{},{id}", parent.unwrap_or("0"))
}

/// A department in the tree that somebody is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The department.
    pub dept: Dept,
    /// Whether it is in the viewer's sight; if not, it only leads to one that is.
    pub in_scope: bool,
}

impl Shown {
    /// The department as one with this sight is shown it: of one out of sight there is its name
    /// and its place, and nobody to call.
    #[must_use]
    pub fn to(sight: &Sight, dept: Dept) -> Self {
        let in_scope = sight.sees(Some(dept.id));
        let dept = if in_scope {
            dept
        } else {
            Dept {
                leader: None,
                phone: None,
                email: None,
                created_by: None,
                created_at: Timestamp(0),
                updated_by: None,
                updated_at: None,
                users: 0,
                ..dept
            }
        };
        Self { dept, in_scope }
    }
}

impl Node for Shown {
    fn id(&self) -> i64 {
        self.dept.id()
    }

    fn parent(&self) -> Option<i64> {
        self.dept.parent()
    }
}

/// A department to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDept {
    /// The department above it; none for the top.
    pub parent_id: Option<DeptId>,
    /// Its name, 1 to 50 characters.
    pub name: String,
    /// Where it stands among its siblings.
    pub sort: i64,
    /// Who leads it, at most 50 characters.
    pub leader: Option<String>,
    /// A telephone number, see [`validate::phone`].
    pub phone: Option<String>,
    /// An e-mail address, see [`validate::email`].
    pub email: Option<String>,
    /// Whether it can be chosen for users.
    pub status: Status,
}

impl NewDept {
    /// The same with its texts trimmed, empty ones being none.
    ///
    /// # Errors
    /// [`crate::Kind::Invalid`], naming every field at fault.
    pub fn checked(self) -> Result<Self> {
        let mut problems = Problems::default();
        let given = |text: &Option<String>| text.clone().unwrap_or_default();
        let name = problems.take(validate::text("deptName", &self.name, 1, 50));
        let sort = problems.take(validate::range("orderNum", self.sort, 0, 1_000_000));
        let leader = problems.take(validate::text("leader", &given(&self.leader), 0, 50));
        let phone = problems.take(validate::phone(&given(&self.phone)));
        let email = problems.take(validate::email(&given(&self.email)));
        problems.finish()?;
        Ok(Self {
            name: name.unwrap_or_default(),
            sort: sort.unwrap_or_default(),
            leader: leader.filter(|l| !l.is_empty()),
            phone: phone.flatten(),
            email: email.flatten(),
            ..self
        })
    }
}

/// A change of a department: what is `None` stays as it is; an empty text clears.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeptChange {
    /// Another department to stand below; `Some(None)` for the top.
    pub parent_id: Option<Option<DeptId>>,
    /// A new name.
    pub name: Option<String>,
    /// A new place among its siblings.
    pub sort: Option<i64>,
    /// Another leader.
    pub leader: Option<String>,
    /// Another telephone number.
    pub phone: Option<String>,
    /// Another e-mail address.
    pub email: Option<String>,
    /// A new status.
    pub status: Option<Status>,
}

impl DeptChange {
    /// The department after the change, its path still the old one.
    ///
    /// # Errors
    /// [`crate::Kind::Invalid`], naming every field at fault.
    pub fn applied(self, before: &Dept) -> Result<Dept> {
        let after = NewDept {
            parent_id: self.parent_id.unwrap_or(before.parent_id),
            name: self.name.unwrap_or_else(|| before.name.clone()),
            sort: self.sort.unwrap_or(before.sort),
            leader: self.leader.or_else(|| before.leader.clone()),
            phone: self.phone.or_else(|| before.phone.clone()),
            email: self.email.or_else(|| before.email.clone()),
            status: self.status.unwrap_or(before.status),
        }
        .checked()?;
        Ok(Dept {
            parent_id: after.parent_id,
            name: after.name,
            sort: after.sort,
            leader: after.leader,
            phone: after.phone,
            email: after.email,
            status: after.status,
            ..before.clone()
        })
    }
}

/// Which departments a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeptFilter {
    /// Part of the name, in any letter case.
    pub name: Option<String>,
    /// The status.
    pub status: Option<Status>,
}

impl DeptFilter {
    /// Whether it lets `dept` through.
    #[must_use]
    pub fn lets(&self, dept: &Dept) -> bool {
        validate::holds(&dept.name, self.name.as_deref())
            && self.status.is_none_or(|s| s == dept.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::DataScope;

    fn dept() -> Dept {
        Dept {
            id: DeptId(4),
            parent_id: Some(DeptId(1)),
            path: "0,1,4".into(),
            name: "研发部".into(),
            sort: 2,
            leader: Some("林".into()),
            phone: Some("13800000000".into()),
            email: Some("dev@example.com".into()),
            status: Status::Active,
            created_by: None,
            created_at: Timestamp(1),
            updated_by: None,
            updated_at: None,
            users: 3,
        }
    }

    #[test]
    fn paths_begin_with_nought() {
        assert_eq!(path(None, DeptId(1)), "0,1");
        assert_eq!(path(Some("0,1"), DeptId(4)), "0,1,4");
    }

    #[test]
    fn every_field_at_fault_is_named() {
        let bad = NewDept {
            name: " ".into(),
            sort: -1,
            leader: Some("x".repeat(51)),
            phone: Some("call me".into()),
            email: Some("nowhere".into()),
            ..NewDept::default()
        };
        let error = bad.checked().expect_err("all wrong");
        let named: Vec<_> = error.fields.iter().map(|f| f.field.as_ref()).collect();
        assert_eq!(named, ["deptName", "orderNum", "leader", "phone", "email"]);
        let good = NewDept {
            name: " 销售部 ".into(),
            leader: Some(" ".into()),
            phone: Some(String::new()),
            email: None,
            ..NewDept::default()
        };
        let good = good.checked().expect("good");
        assert_eq!((good.name.as_str(), good.leader), ("销售部", None));
        assert_eq!((good.phone, good.email), (None, None));
    }

    #[test]
    fn a_change_touches_only_what_is_sent() {
        let same = DeptChange::default().applied(&dept()).expect("good");
        assert_eq!(same, dept());
        let change = DeptChange {
            parent_id: Some(None),
            leader: Some(String::new()),
            ..DeptChange::default()
        };
        let after = change.applied(&dept()).expect("good");
        let expected = Dept {
            parent_id: None,
            leader: None,
            ..dept()
        };
        assert_eq!(after, expected);
    }

    #[test]
    fn one_out_of_sight_shows_name_place_and_status_alone() {
        let sight = |depts: Vec<DeptId>| Sight {
            scope: DataScope::Custom,
            depts,
        };
        let seen = Shown::to(&sight(vec![DeptId(4)]), dept());
        assert_eq!((seen.dept, seen.in_scope), (dept(), true));
        let kept = Dept {
            status: Status::Disabled,
            created_by: Some(UserId(1)),
            updated_by: Some(UserId(1)),
            updated_at: Some(Timestamp(2)),
            ..dept()
        };
        let way = Shown::to(&sight(vec![DeptId(40)]), kept);
        assert!(!way.in_scope);
        assert_eq!((way.dept.name.as_str(), way.dept.sort), ("研发部", 2));
        assert_eq!((way.dept.path.as_str(), way.dept.users), ("0,1,4", 0));
        assert_eq!((way.dept.leader, way.dept.phone), (None, None));
        assert_eq!((way.dept.email, way.dept.status), (None, Status::Disabled));
        assert_eq!((way.dept.created_by, way.dept.updated_by), (None, None));
        assert_eq!(way.dept.created_at, Timestamp(0));
        assert_eq!(way.dept.updated_at, None);
    }

    #[test]
    fn filters_go_by_name_and_status() {
        let lets = |name: &str, status| {
            DeptFilter {
                name: Some(name.into()),
                status,
            }
            .lets(&dept())
        };
        assert!(lets("研发", None));
        assert!(lets(" ", Some(Status::Active)));
        assert!(!lets("销售", None));
        assert!(!lets("研发", Some(Status::Disabled)));
        assert!(DeptFilter::default().lets(&dept()));
    }
}

//! The departments of users: which one somebody gets for whom none is named, and how a file of
//! users names them.

use crate::access::Caller;
use menshen_domain::{DeptId, Error, Kind, Result};
use menshen_storage::depts::DeptRow;
use menshen_storage::{Conn, users};
use std::collections::HashMap;

/// The department of those for whom `caller` names none. Whoever sees everybody may leave them
/// without. Anybody else would never see them again: they come to her own department, where that
/// is in her sight.
///
/// # Errors
/// [`Kind::Forbidden`] when it is not.
pub(super) async fn unnamed(conn: &mut Conn, caller: &Caller) -> Result<Option<DeptId>> {
    if caller.sight().sees(None) {
        return Ok(None);
    }
    let me = users::find(conn, caller.id()).await?;
    let own = me.and_then(|me| me.dept_id);
    match own {
        Some(_) if caller.sight().sees(own) => Ok(own),
        _ => Err(dept_due()),
    }
}

/// Said to whoever would put somebody out of her own sight.
pub(super) fn dept_due() -> Error {
    Error::new(
        Kind::Forbidden {
            missing: Vec::new(),
        },
        "你的数据范围有限，须指定一个在你数据范围内的部门（deptId）",
        "Your data scope is narrow: a department in your sight (deptId) is needed",
    )
}

/// The names from the root down to each department, joined by `/`. A `/` in a name is written
/// `\/`, and a `\` as `\\`.
pub(super) fn paths(depts: &[DeptRow]) -> HashMap<i64, String> {
    let names: HashMap<i64, String> = depts
        .iter()
        .map(|d| (d.id, d.name.replace('\\', "\\\\").replace('/', "\\/")))
        .collect();
    let path = |dept: &DeptRow| {
        let above = dept.path.split(',').filter_map(|id| id.parse().ok());
        let named: Vec<&str> = above
            .filter_map(|id: i64| names.get(&id).map(String::as_str))
            .collect();
        named.join("/")
    };
    depts.iter().map(|d| (d.id, path(d))).collect()
}

/// Finds departments by what a file calls them.
#[derive(Debug, Default)]
pub(super) struct Finder {
    by_path: HashMap<String, Vec<i64>>,
    by_name: HashMap<String, Vec<i64>>,
    ids: Vec<i64>,
}

/// What a line of a file says of the department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// Its id.
    Id(i64),
    /// The names from the root down.
    Path(String),
    /// Its name.
    Name(String),
}

/// Why there is no one department of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfound {
    /// None is called so.
    None,
    /// Several are.
    Several,
}

impl Finder {
    pub(super) fn of(depts: &[DeptRow]) -> Self {
        let mut finder = Self::default();
        for (id, path) in paths(depts) {
            finder.by_path.entry(path).or_default().push(id);
        }
        for dept in depts {
            let name = finder.by_name.entry(dept.name.clone()).or_default();
            name.push(dept.id);
            finder.ids.push(dept.id);
        }
        finder
    }

    pub(super) fn find(&self, named: &Named) -> Result<i64, Unfound> {
        let found = match named {
            Named::Id(id) if self.ids.contains(id) => return Ok(*id),
            Named::Id(_) => None,
            Named::Path(path) => self.by_path.get(path),
            Named::Name(name) => self.by_name.get(name),
        };
        match found.map(Vec::as_slice) {
            Some([id]) => Ok(*id),
            Some([_, _, ..]) => Err(Unfound::Several),
            _ => Err(Unfound::None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dept(id: i64, path: &str, name: &str) -> DeptRow {
        DeptRow {
            id,
            name: name.into(),
            path: path.into(),
        }
    }

    #[test]
    fn departments_go_by_path_name_and_id() {
        let depts = [
            dept(1, "0,1", "总公司"),
            dept(2, "0,1,2", "研发/测试"),
            dept(3, "0,1,2,3", "平台"),
            dept(4, "0,1,4", "平台"),
            dept(5, "0,1,5", "a\\"),
        ];
        let paths = paths(&depts);
        assert_eq!(paths[&3], "总公司/研发\\/测试/平台");
        assert_eq!(paths[&5], "总公司/a\\\\");
        let finder = Finder::of(&depts);
        for (id, path) in paths {
            assert_eq!(finder.find(&Named::Path(path)), Ok(id));
            assert_eq!(finder.find(&Named::Id(id)), Ok(id));
        }
        let by_name = |name: &str| finder.find(&Named::Name(name.into()));
        assert_eq!(by_name("研发/测试"), Ok(2));
        assert_eq!(by_name("平台"), Err(Unfound::Several));
        assert_eq!(by_name("总公司/平台"), Err(Unfound::None));
        assert_eq!(finder.find(&Named::Id(9)), Err(Unfound::None));
        let odd = finder.find(&Named::Path("总公司/研发/测试".into()));
        assert_eq!(odd, Err(Unfound::None));
    }
}

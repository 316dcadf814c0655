//! Putting a WHERE clause together from fixed pieces. Only text that is part of the program gets
//! into the SQL; what a client sent is always bound.

use menshen_domain::UserId;
use menshen_domain::scope::{DataScope, Sight};
use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::QueryAs;

#[derive(Debug, Clone)]
pub(crate) enum Arg {
    Int(i64),
    Text(String),
}

/// Conditions joined by AND, with their arguments.
#[derive(Debug, Clone, Default)]
pub(crate) struct Where {
    conditions: Vec<String>,
    args: Vec<Arg>,
}

impl Where {
    /// Adds a condition in which each `?` stands for the next of `args`.
    pub(crate) fn and(&mut self, condition: &'static str, args: impl IntoIterator<Item = Arg>) {
        self.push(condition, args);
    }

    /// Adds a condition in which `LIST` stands for all of `ids`, and `?` for `first` before them.
    pub(crate) fn and_list(&mut self, condition: &'static str, first: Option<i64>, ids: &[i64]) {
        let args = first.into_iter().chain(ids.iter().copied()).map(Arg::Int);
        self.push(&condition.replace("LIST", &marks(ids.len())), args);
    }

    /// Adds a condition in which `LIST` stands for all of `args`.
    pub(crate) fn and_any(&mut self, condition: &'static str, args: Vec<Arg>) {
        self.push(&condition.replace("LIST", &marks(args.len())), args);
    }

    /// Adds a condition in which `LIST` stands for all of `texts`.
    pub(crate) fn and_texts(&mut self, condition: &'static str, texts: &[String]) {
        let marks = if texts.is_empty() {
            "NULL".to_owned()
        } else {
            vec!["?"; texts.len()].join(", ")
        };
        let args = texts.iter().cloned().map(Arg::Text);
        self.push(&condition.replace("LIST", &marks), args);
    }

    /// Limits the rows to what belongs to the users in `sight` of `viewer`. In `condition`, a
    /// condition on the user's id and department, `?` stands for the viewer and `LIST` for the
    /// departments.
    pub(crate) fn and_sight(&mut self, condition: &'static str, viewer: UserId, sight: &Sight) {
        self.and_sight_or(condition, Vec::new(), viewer, sight);
    }

    /// As [`Where::and_sight`], for a condition that also lets through what is not in sight: the
    /// `?`s before the viewer's stand for `others`.
    pub(crate) fn and_sight_or(
        &mut self,
        condition: &'static str,
        others: Vec<Arg>,
        viewer: UserId,
        sight: &Sight,
    ) {
        if sight.scope != DataScope::All {
            let seen = [viewer.0]
                .into_iter()
                .chain(sight.depts.iter().map(|d| d.0));
            let args = others.into_iter().chain(seen.map(Arg::Int));
            self.push(&condition.replace("LIST", &marks(sight.depts.len())), args);
        }
    }

    /// Adds `condition` when there is a text to look for; each `?` in it stands for the pattern,
    /// in lower case unless the database is to lower it as it lowers the column: `LOWER(?)`.
    pub(crate) fn and_like(&mut self, condition: &'static str, text: Option<&str>) {
        if let Some(text) = text.map(str::trim).filter(|t| !t.is_empty()) {
            let before_marks = condition.split('?').map(|piece| piece.ends_with("LOWER("));
            let marks = condition.matches('?').count();
            let args = before_marks.take(marks).map(|lowered_there| {
                Arg::Text(if lowered_there {
                    like(text)
                } else {
                    like(&text.to_lowercase())
                })
            });
            self.push(condition, args.collect::<Vec<_>>());
        }
    }

    fn push(&mut self, condition: &str, args: impl IntoIterator<Item = Arg>) {
        let mut args = args.into_iter();
        let mut numbered = String::with_capacity(condition.len() + 8);
        for c in condition.chars() {
            if c == '?' {
                self.args.extend(args.next());
                numbered.push_str(&format!("${}", self.args.len()));
            } else {
                numbered.push(c);
            }
        }
        self.conditions.push(numbered);
    }

    /// ` WHERE …`, or nothing.
    pub(crate) fn clause(&self) -> String {
        if self.conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", self.conditions.join(" AND "))
        }
    }

    /// ` LIMIT $n OFFSET $m`, with its arguments.
    pub(crate) fn page(&mut self, limit: i64, offset: i64) -> String {
        self.args.push(Arg::Int(limit));
        self.args.push(Arg::Int(offset));
        let n = self.args.len();
        format!(" LIMIT ${} OFFSET ${n}", n - 1)
    }

    /// How many rows of `from` there are, counted up to `most`: a query, and what is bound to it.
    pub(crate) fn count_to(&self, from: &str, most: i64) -> (String, Self) {
        let mut w = self.clone();
        let clause = w.clause();
        let limit = w.page(most, 0);
        let sql =
            format!("SELECT COUNT(*) FROM (SELECT 1 AS one {from}{clause}{limit}) AS counted");
        (sql, w)
    }

    /// Binds the arguments gathered so far.
    pub(crate) fn bind<'q, O>(
        &self,
        mut query: QueryAs<'q, Any, O, AnyArguments>,
    ) -> QueryAs<'q, Any, O, AnyArguments> {
        for arg in &self.args {
            query = match arg {
                Arg::Int(n) => query.bind(*n),
                Arg::Text(t) => query.bind(t.clone()),
            };
        }
        query
    }
}

fn marks(n: usize) -> String {
    if n == 0 {
        "NULL".to_owned()
    } else {
        vec!["?"; n].join(", ")
    }
}

/// A LIKE pattern that finds `text` anywhere; use it with `ESCAPE '!'`.
pub(crate) fn like(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use menshen_domain::DeptId;

    #[test]
    fn marks_are_numbered_through() {
        let mut w = Where::default();
        w.and("a = ?", [Arg::Int(1)]);
        w.and_like("(b LIKE ? OR c LIKE ?)", Some("50%"));
        w.and_like("d LIKE ?", Some(" "));
        w.and_list("(id = ? OR dept IN (LIST))", Some(9), &[2, 3]);
        w.and_list("e IN (LIST)", None, &[]);
        w.and_texts("f IN (LIST)", &["x".to_owned()]);
        w.and_texts("g IN (LIST)", &[]);
        assert_eq!(
            w.clause(),
            " WHERE a = $1 AND (b LIKE $2 OR c LIKE $3) AND (id = $4 OR dept IN ($5, $6)) \
             AND e IN (NULL) AND f IN ($7) AND g IN (NULL)"
        );
        assert_eq!(w.page(10, 0), " LIMIT $8 OFFSET $9");
    }

    #[test]
    fn counting_ends_at_its_bound() {
        let mut w = Where::default();
        w.and("a = ?", [Arg::Int(1)]);
        let (sql, bound) = w.count_to("FROM t", 50);
        assert_eq!(
            sql,
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM t WHERE a = $1 LIMIT $2 OFFSET $3) AS counted"
        );
        assert_eq!((w.args.len(), bound.args.len()), (1, 3));
    }

    #[test]
    fn sight_is_a_condition_unless_it_is_everything() {
        let seen = |scope, depts: &[i64]| {
            let depts = depts.iter().copied().map(DeptId).collect();
            let mut w = Where::default();
            w.and_sight(
                "(id = ? OR dept IN (LIST))",
                UserId(7),
                &Sight { scope, depts },
            );
            w.clause()
        };
        assert_eq!(seen(DataScope::All, &[1, 2]), "");
        assert_eq!(
            seen(DataScope::Custom, &[1, 2]),
            " WHERE (id = $1 OR dept IN ($2, $3))"
        );
        assert_eq!(
            seen(DataScope::SelfOnly, &[]),
            " WHERE (id = $1 OR dept IN (NULL))"
        );
    }

    #[test]
    fn a_condition_may_let_through_what_is_not_in_sight() {
        let mut w = Where::default();
        let sight = Sight {
            scope: DataScope::Custom,
            depts: vec![DeptId(1), DeptId(2)],
        };
        let others = vec![Arg::Text("x".to_owned())];
        let condition = "(a = ? OR id = ? OR dept IN (LIST))";
        w.and_sight_or(condition, others.clone(), UserId(7), &sight);
        w.and_sight_or(condition, others, UserId(7), &Sight::everybody());
        assert_eq!(w.clause(), " WHERE (a = $1 OR id = $2 OR dept IN ($3, $4))");
        assert_eq!(w.args.len(), 4);
    }

    #[test]
    fn patterns_are_lowered_by_whoever_lowered_the_column() {
        let mut w = Where::default();
        w.and_like(
            "(a LIKE ? OR LOWER(b) LIKE LOWER(?) OR c LIKE ?)",
            Some(" Ä%_! "),
        );
        let args: Vec<_> = w.args.iter().map(|a| format!("{a:?}")).collect();
        assert_eq!(
            args,
            [
                r#"Text("%ä!%!_!!%")"#,
                r#"Text("%Ä!%!_!!%")"#,
                r#"Text("%ä!%!_!!%")"#
            ]
        );
    }
}

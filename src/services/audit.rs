//! Audit entries: who did what to what, written in the transaction of the change itself.

use crate::access::{Caller, Client};
use crate::core::Core;
use menshen_domain::{Result, SessionId, UserId};
use menshen_storage::{Event, Tx, audit};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

/// The longest piece of a client's own text that is kept.
const MAX_TEXT: usize = 300;

/// An entry under way. Make it with [`Record::login`] or [`Record::operation`].
#[derive(Debug)]
pub(crate) struct Record(audit::Entry);

impl Record {
    /// A sign-in, or what ends one; `name` is what the client gave.
    pub(crate) fn login(action: &str, success: bool, name: &str, client: &Client) -> Self {
        Self(audit::Entry {
            kind: "login",
            action: action.to_owned(),
            success,
            actor_name: clean(name),
            ..entry_of(client)
        })
    }

    /// A change that `caller` makes.
    pub(crate) fn operation(action: &str, caller: &Caller) -> Self {
        Self(audit::Entry {
            kind: "operation",
            action: action.to_owned(),
            success: true,
            actor_id: Some(caller.id().0),
            actor_name: caller.username().to_owned(),
            session_id: Some(caller.session_id().0.clone()),
            ..entry_of(&caller.client)
        })
    }

    /// A change that nobody signed in makes: a sign-up, or the command line.
    pub(crate) fn anonymous(action: &str, client: &Client) -> Self {
        Self(audit::Entry {
            kind: "operation",
            action: action.to_owned(),
            success: true,
            ..entry_of(client)
        })
    }

    /// It was refused.
    pub(crate) fn failed(mut self) -> Self {
        self.0.success = false;
        self
    }

    pub(crate) fn actor(mut self, id: UserId) -> Self {
        self.0.actor_id = Some(id.0);
        self
    }

    pub(crate) fn session(mut self, id: &SessionId) -> Self {
        self.0.session_id = Some(id.0.clone());
        self
    }

    pub(crate) fn target(mut self, kind: &str, id: impl ToString, name: &str) -> Self {
        self.0.target_kind = Some(kind.to_owned());
        self.0.target_id = Some(id.to_string());
        self.0.target_name = Some(clean(name));
        self
    }

    pub(crate) fn reason(self, reason: &str) -> Self {
        self.detail(&json!({ "reason": reason }))
    }

    /// By which way somebody signed in; nothing is kept of the usual one, the password.
    pub(crate) fn method(self, method: &str) -> Self {
        if method.is_empty() {
            return self;
        }
        self.also("method", method.into())
    }

    /// Whether a code was asked for beside it; nothing is kept where it was not.
    pub(crate) fn second_factor(self, asked: bool) -> Self {
        if asked {
            self.also("secondFactor", true.into())
        } else {
            self
        }
    }

    /// Says one thing more.
    fn also(self, name: &str, value: Value) -> Self {
        let mut detail: Value = serde_json::from_str(&self.0.detail).unwrap_or(json!({}));
        detail[name] = value;
        self.detail(&detail)
    }

    pub(crate) fn change(self, before: &Value, after: &Value) -> Self {
        self.detail(&json!({ "before": before, "after": after }))
    }

    pub(crate) fn detail(mut self, detail: &Value) -> Self {
        self.0.detail = detail.to_string();
        self
    }

    /// Writes the entry, signed.
    pub(crate) async fn write(mut self, core: &Core, tx: &mut Tx) -> Result<()> {
        self.0.at = core.now().0;
        if self.0.detail.is_empty() {
            self.0.detail = "{}".to_owned();
        }
        self.0.mac = core.secrets.audit_mac(&content(&self.0));
        self.count();
        let thing = self.0.action.split('.').next().unwrap_or_default();
        tx.announce(Event::Log(thing.to_owned()));
        audit::insert(tx, self.0).await?;
        Ok(())
    }

    /// Sign-ins are counted here, where every way of signing in comes by. Reasons and methods are
    /// codes, of which there are few.
    fn count(&self) {
        if self.0.action != "sign_in" {
            return;
        }
        let detail: Value = serde_json::from_str(&self.0.detail).unwrap_or_default();
        let reason = detail["reason"].as_str().unwrap_or_default().to_owned();
        let method = detail["method"].as_str().unwrap_or("password").to_owned();
        let result = if self.0.success { "success" } else { "failure" };
        metrics::counter!(
            "menshen_sign_ins_total",
            "result" => result,
            "method" => method,
            "reason" => reason
        )
        .increment(1);
    }
}

/// Whether an entry is as it was written.
pub(crate) fn is_genuine(core: &Core, entry: &audit::Entry) -> bool {
    let mac = core.secrets.audit_mac(&content(entry));
    bool::from(mac.as_slice().ct_eq(entry.mac.as_slice()))
}

fn entry_of(client: &Client) -> audit::Entry {
    audit::Entry {
        ip: client.ip.clone(),
        user_agent: clean(&client.user_agent),
        request_id: client.request_id.clone(),
        ..audit::Entry::default()
    }
}

/// Everything that the signature covers, so written that no two entries look alike.
fn content(e: &audit::Entry) -> Vec<u8> {
    json!([
        e.at,
        e.kind,
        e.action,
        e.success,
        e.actor_id,
        e.actor_name,
        e.session_id,
        e.ip,
        e.user_agent,
        e.target_kind,
        e.target_id,
        e.target_name,
        e.detail,
        e.request_id,
    ])
    .to_string()
    .into_bytes()
}

/// A client's text, fit for a log: no line breaks or other control characters, not too long.
fn clean(text: &str) -> String {
    text.chars()
        .take(MAX_TEXT)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;

    fn entry() -> audit::Entry {
        audit::Entry {
            at: 1,
            kind: "operation",
            action: "role.update".into(),
            success: true,
            actor_id: Some(2),
            actor_name: "lin".into(),
            session_id: Some("s".into()),
            ip: "::1".into(),
            user_agent: "curl".into(),
            target_kind: Some("role".into()),
            target_id: Some("3".into()),
            target_name: Some("auditor".into()),
            detail: "{}".into(),
            request_id: "r".into(),
            mac: Vec::new(),
        }
    }

    #[tokio::test]
    async fn req52_every_column_is_under_the_signature() {
        let bench = Bench::sqlite().await;
        let mac = |e: &audit::Entry| bench.services.core.secrets.audit_mac(&content(e));
        let whole = mac(&entry());
        assert_eq!(whole.len(), 32);
        assert_eq!(whole, mac(&entry()));
        #[rustfmt::skip]
        let changed = [
            audit::Entry { at: 2, ..entry() },
            audit::Entry { kind: "login", ..entry() },
            audit::Entry { action: "role.delete".into(), ..entry() },
            audit::Entry { success: false, ..entry() },
            audit::Entry { actor_id: None, ..entry() },
            audit::Entry { actor_id: Some(3), ..entry() },
            audit::Entry { actor_name: "han".into(), ..entry() },
            audit::Entry { session_id: None, ..entry() },
            audit::Entry { ip: "::2".into(), ..entry() },
            audit::Entry { user_agent: String::new(), ..entry() },
            audit::Entry { target_kind: Some("user".into()), ..entry() },
            audit::Entry { target_id: Some("4".into()), ..entry() },
            audit::Entry { target_name: None, ..entry() },
            audit::Entry { detail: "{\"a\":1}".into(), ..entry() },
            audit::Entry { request_id: "q".into(), ..entry() },
            // What moves from one column into the next.
            audit::Entry { ip: "::1c".into(), user_agent: "url".into(), ..entry() },
            audit::Entry { ip: "::1\",\"curl".into(), user_agent: String::new(), ..entry() },
        ];
        for other in changed {
            assert_ne!(whole, mac(&other), "{other:?}");
        }
    }

    #[tokio::test]
    async fn req52_what_is_written_is_signed() {
        let bench = Bench::sqlite().await;
        let caller = bench.admin().await;
        let core = &bench.services.core;
        let mut tx = bench.db.begin().await.expect("begin");
        Record::operation("test.thing", &caller)
            .target("thing", 7, "name\r\nwith lines")
            .reason("because")
            .write(core, &mut tx)
            .await
            .expect("written");
        tx.commit().await.expect("commit");
        let entries = bench.audit("test.thing").await;
        let kept = &entries[0];
        assert_eq!(kept.detail()["reason"], "because");
        let same = audit::Entry {
            at: core.now().0,
            kind: "operation",
            action: "test.thing".into(),
            success: true,
            actor_id: kept.actor_id,
            actor_name: kept.actor_name.clone(),
            session_id: kept.session_id.clone(),
            ip: kept.ip.clone(),
            user_agent: kept.user_agent.clone(),
            target_kind: kept.target_kind.clone(),
            target_id: kept.target_id.clone(),
            target_name: Some("name\u{fffd}\u{fffd}with lines".into()),
            detail: kept.detail.clone(),
            request_id: "r".into(),
            mac: Vec::new(),
        };
        assert_eq!(kept.mac, core.secrets.audit_mac(&content(&same)));
    }

    #[tokio::test]
    async fn an_entry_goes_with_its_transaction() {
        let bench = Bench::sqlite().await;
        let caller = bench.admin().await;
        let mut tx = bench.db.begin().await.expect("begin");
        Record::operation("test.thing", &caller)
            .write(&bench.services.core, &mut tx)
            .await
            .expect("written");
        drop(tx);
        assert!(bench.audit("test.thing").await.is_empty());
    }

    #[test]
    fn a_clients_text_is_made_fit() {
        assert_eq!(
            clean("a\nb\u{1b}[0m\0\u{7f}"),
            "a\u{fffd}b\u{fffd}[0m\u{fffd}\u{fffd}"
        );
        assert_eq!(clean("林薇"), "林薇");
        assert_eq!(clean(&"长".repeat(1000)).chars().count(), MAX_TEXT);
    }
}

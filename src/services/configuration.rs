//! Settings that are changed while the program runs.
//!
//! What the configuration (file, environment, flags) sets explicitly stays as it is; of the rest,
//! what was set here counts before the default. A change is put together and checked as the whole
//! that the program would start with before it is kept, and is in force on every node once it is
//! committed ([`Event::Settings`]). Secrets are kept sealed, are told to nobody, and leave no
//! trace in the audit log but that they were changed.

mod refusal;
mod view;

use crate::access::Caller;
use crate::audit::Record;
use crate::codes;
use crate::core::{Core, InForce};
use crate::outside::{Fitted, Outfit};
use crate::quota::Quota;
use crate::settings::Changes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use menshen_domain::error::Problems;
use menshen_domain::permission::EVERYTHING;
use menshen_domain::setting::{self, Entry, FIXED, Section, SectionView, Shape};
use menshen_domain::{Error, Kind, Result, Text, validate};
use menshen_storage::settings::{self as rows, SettingRow};
use menshen_storage::{Event, Tx};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// How many tries of settings there are in a minute, of everybody together.
const TESTS_PER_MINUTE: i64 = 6;
const MINUTE: Duration = Duration::from_mins(1);
/// How many messages are sent to try the settings out in an hour: each costs, and rings a phone.
const MESSAGES_PER_HOUR: i64 = 20;
const HOUR: Duration = Duration::from_hours(1);

/// Fields as they were sent: texts by the names of settings; `None` or an empty one for the
/// default.
pub type Fields = BTreeMap<String, Option<String>>;

/// What was put in force last.
#[derive(Debug, Default)]
struct Held {
    /// The rows that it was made of; `None` before the first time.
    rows: Option<Vec<SettingRow>>,
    /// What was set, as far as it could be read.
    stored: Changes,
    /// Secrets that could not be.
    lost: Lost,
    /// Sections that are not in force, and why.
    broken: Vec<(&'static str, String)>,
}

/// The names of secrets that are kept and can't be opened: they were sealed with another key.
type Lost = BTreeSet<&'static str>;

/// What the rows hold.
struct Read {
    stored: Changes,
    lost: Lost,
    broken: Vec<(&'static str, String)>,
}

/// What a change came to.
#[derive(Debug)]
pub struct Changed {
    /// The section as it is now.
    pub section: SectionView,
    /// The names of the settings that are others now.
    pub labels: Vec<Text>,
    /// The change that takes this one back; `None` when nothing has changed, or a secret has,
    /// which is told to nobody.
    pub back: Option<Fields>,
}

#[derive(Debug)]
struct Inner {
    core: Arc<Core>,
    outfit: Arc<dyn Outfit>,
    held: Mutex<Held>,
}

/// Shows settings, changes them, and tries them out. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Configuration(Arc<Inner>);

/// The setting of `section` that `name` means: its whole name, or its key alone, where no other of
/// the section has the same.
fn meant(section: &'static Section, name: &str) -> Option<&'static Entry> {
    let all = section.entries;
    if let Some(entry) = all.iter().find(|e| e.name == name) {
        return Some(entry);
    }
    let mut short = all.iter().filter(|e| e.place().1 == name);
    short.next().filter(|_| short.next().is_none())
}

impl Configuration {
    pub(crate) fn new(core: Arc<Core>, outfit: Arc<dyn Outfit>) -> Self {
        let inner = Arc::new(Inner {
            core,
            outfit,
            held: Mutex::default(),
        });
        let weak = Arc::downgrade(&inner);
        inner.core.db.subscribe(move |event| {
            let (Event::Settings | Event::Unknown) = event else {
                return;
            };
            // Subscribers can't wait; whoever tells of changes runs within the runtime.
            if let (Some(inner), Ok(runtime)) =
                (weak.upgrade(), tokio::runtime::Handle::try_current())
            {
                runtime.spawn(async move {
                    if let Err(error) = Self(inner).reload().await {
                        tracing::error!(%error, "changed settings could not be read");
                    }
                });
            }
        });
        Self(inner)
    }

    /// Puts in force what is set, if it is not already.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn reload(&self) -> Result<()> {
        let mut held = self.0.held.lock().await;
        let rows = rows::all(&mut *self.0.core.db.read().await?).await?;
        if held.rows.as_ref() == Some(&rows) {
            return Ok(());
        }
        let first = held.rows.is_none();
        let Read {
            stored,
            lost,
            mut broken,
        } = self.read_rows(&rows);
        if !(first && stored.0.is_empty()) {
            let fitted = self.fit_what_fits(&stored, &mut broken)?;
            self.put_in_force(fitted);
        }
        for (section, problem) in &broken {
            tracing::error!(
                section,
                problem,
                "settings that were changed are not in force"
            );
        }
        *held = Held {
            rows: Some(rows),
            stored,
            lost,
            broken,
        };
        Ok(())
    }

    /// What was set and is not in force, and why: a line a section, for whoever runs the program.
    pub async fn problems(&self) -> Vec<String> {
        let held = self.0.held.lock().await;
        let told = held.broken.iter();
        told.map(|(section, problem)| {
            format!("the settings “{section}” that were changed are not in force: {problem}")
        })
        .collect()
    }

    fn put_in_force(&self, fitted: Fitted) {
        let mut outside = fitted.outside;
        outside.files.clone_from(&self.0.core.files);
        self.0.core.in_force.store(Arc::new(InForce {
            settings: Arc::new(fitted.settings),
            outside: Arc::new(outside),
        }));
    }

    /// As much of `stored` as the program would start with, section by section: one that went bad
    /// (the configuration changed, or the master key) must not keep the program from running.
    fn fit_what_fits(
        &self,
        stored: &Changes,
        broken: &mut Vec<(&'static str, String)>,
    ) -> Result<Fitted> {
        let open = self.unpinned(stored);
        if let Ok(fitted) = self.0.outfit.fit(&open) {
            return Ok(fitted);
        }
        let mut good = Changes::default();
        for section in setting::SECTIONS {
            let mut more = good.clone();
            more.0.extend(of_section(&open, section));
            match self.0.outfit.fit(&more) {
                Ok(_) => good = more,
                Err(problem) => broken.push((section.code, problem)),
            }
        }
        self.0.outfit.fit(&good).map_err(Error::internal)
    }

    /// Without what the configuration sets.
    fn unpinned(&self, changes: &Changes) -> Changes {
        let open = changes
            .0
            .iter()
            .filter(|(name, _)| self.origin(name).is_none());
        Changes(open.map(|(n, v)| (n.clone(), v.clone())).collect())
    }

    fn origin(&self, name: &str) -> Option<&str> {
        self.0.outfit.configured().get(name)?.origin.as_deref()
    }

    /// Opens what is kept. What can't be read is left out, and named.
    fn read_rows(&self, rows: &[SettingRow]) -> Read {
        let mut read = Read {
            stored: Changes::default(),
            lost: Lost::new(),
            broken: Vec::new(),
        };
        for row in rows {
            let kept: Map<String, Value> = serde_json::from_str(&row.value).unwrap_or_default();
            for (key, value) in kept {
                let name = format!("{}.{key}", row.key);
                // Another version may have kept what this one does not know.
                let Some((section, entry)) = find(&name).filter(|(_, e)| e.shape.is_open()) else {
                    continue;
                };
                match self.open(entry, value) {
                    Ok(value) => _ = read.stored.0.insert(name, value),
                    Err(error) => {
                        read.lost.insert(entry.name);
                        read.broken.push((section.code, format!("{name}: {error}")));
                    }
                }
            }
        }
        read
    }

    fn open(&self, entry: &Entry, value: Value) -> Result<Value> {
        if !entry.shape.is_secret() {
            return Ok(value);
        }
        let sealed = value["sealed"].as_str().unwrap_or_default();
        let sealed = STANDARD.decode(sealed).map_err(Error::internal)?;
        let plain = self.0.core.secrets.open(&purpose(entry.name), &sealed)?;
        serde_json::from_slice(&plain).map_err(Error::internal)
    }

    fn seal(&self, entry: &Entry, value: &Value) -> Result<Value> {
        if !entry.shape.is_secret() {
            return Ok(value.clone());
        }
        let plain = zeroize::Zeroizing::new(value.to_string());
        let sealed = self
            .0
            .core
            .secrets
            .seal(&purpose(entry.name), plain.as_bytes())?;
        Ok(json!({ "sealed": STANDARD.encode(sealed) }))
    }

    /// Changes settings of a section. Those that are not named stay as they are; `None` or an empty
    /// text gives one back its default, and removes a secret, also one that can't be opened.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for a section that is not there; [`Kind::Invalid`], naming the settings,
    /// for what they may not be, what the configuration sets, and what the program would not start
    /// with.
    pub async fn change(&self, caller: &Caller, section: &str, fields: Fields) -> Result<Changed> {
        let section = known(section)?;
        // Whoever chooses where codes are sent can sign in as anybody who has a phone number.
        if section.code == "sms" {
            caller.require(EVERYTHING)?;
        }
        let fields = self.checked(section, fields)?;
        let core = &self.0.core;
        let mut tx = core.db.begin().await?;
        tx.serialise().await?;
        let rows = rows::all(&mut tx).await?;
        let Read {
            stored: before,
            lost,
            ..
        } = self.read_rows(&rows);
        let mut after = before.clone();
        for (entry, value) in &fields {
            match value {
                Some(value) => after.0.insert(entry.name.to_owned(), value.clone()),
                None => after.0.remove(entry.name),
            };
        }
        // What can't be opened is none of `before`: to be named at all changes it.
        let found =
            |e: &Entry| lost.contains(e.name) && fields.iter().any(|(f, _)| f.name == e.name);
        let changed: Vec<&Entry> = section
            .entries
            .iter()
            .filter(|e| before.get(e.name) != after.get(e.name) || found(e))
            .collect();
        if changed.is_empty() {
            drop(tx);
            return Ok(Changed {
                section: self.view_of(section).await?,
                labels: Vec::new(),
                back: None,
            });
        }
        self.stay_with_their_host(&before, &after, &lost, &fields)?;
        self.would_start(section, &after)?;
        self.keep(&mut tx, caller, &rows, &changed, &after).await?;
        let was = Was {
            stored: &before,
            lost: &lost,
        };
        self.record(&mut tx, caller, section, &changed, &was, &after)
            .await?;
        tx.announce(Event::Settings);
        tx.commit().await?;
        self.reload().await?;
        Ok(Changed {
            section: self.view_of(section).await?,
            labels: changed.iter().map(|e| e.label.clone()).collect(),
            back: back(&changed, &before),
        })
    }

    /// The values of `fields`; `None` for the default.
    fn checked(
        &self,
        section: &'static Section,
        fields: Fields,
    ) -> Result<Vec<(&'static Entry, Option<Value>)>> {
        let mut problems = Problems::default();
        let mut good = Vec::new();
        for (name, text) in fields {
            let Some(entry) = meant(section, &name) else {
                problems.add(
                    name,
                    Text::fixed("没有这个设置", "is no setting of this section"),
                );
                continue;
            };
            if !entry.shape.is_open() {
                problems.add(entry.name, FIXED);
                continue;
            }
            if let Some(origin) = self.origin(entry.name) {
                problems.add(
                    entry.name,
                    Text::new(
                        format!("已由 {origin} 设定，不能在此修改"),
                        format!("is set by {origin}, and can't be changed here"),
                    ),
                );
                continue;
            }
            let text = text.filter(|t| !t.trim().is_empty());
            match text.map(|t| entry.check(&t).map(|()| value(entry, &t))) {
                None => good.push((entry, None)),
                Some(Ok(value)) => {
                    let default = self.0.outfit.configured().get(entry.name);
                    let same = !entry.shape.is_secret()
                        && default.is_some_and(|default| default.value == value);
                    good.push((entry, (!same).then_some(value)));
                }
                Some(Err(problem)) => problems.add(entry.name, problem),
            }
        }
        problems.finish()?;
        Ok(good)
    }

    /// Secrets that go to a gateway are not sent to another one by who changes its address alone:
    /// whoever may change settings can't read them, and must not be able to this way either.
    fn stay_with_their_host(
        &self,
        before: &Changes,
        after: &Changes,
        lost: &Lost,
        fields: &[(&'static Entry, Option<Value>)],
    ) -> Result<()> {
        const ADDRESS: &str = "sms_http.url";
        if before.get(ADDRESS) == after.get(ADDRESS) {
            return Ok(());
        }
        let mut problems = Problems::default();
        for name in ["sms_http.headers", "sms_http.body"] {
            let pinned = self.origin(name).is_some();
            // One that can't be opened today can be once its key is back.
            let held = before.get(name).is_some() || lost.contains(name);
            let kept = held && after.get(name) == before.get(name);
            let sent = fields.iter().any(|(e, _)| e.name == name);
            if pinned || (kept && !sent) {
                problems.add(
                    name,
                    Text::fixed(
                        "网关地址有变，请重新填写：它可能含有给原网关的密钥",
                        "must be given again with another address: it may hold a secret for the old one",
                    ),
                );
            }
        }
        problems.finish()
    }

    /// Whether the program would start with `after`. What is wrong in other sections is none of
    /// this change's business.
    fn would_start(&self, section: &Section, after: &Changes) -> Result<()> {
        let open = self.unpinned(after);
        if self.0.outfit.fit(&open).is_ok() {
            return Ok(());
        }
        let mut good = Changes::default();
        for other in setting::SECTIONS.iter().filter(|s| s.code != section.code) {
            let mut more = good.clone();
            more.0.extend(of_section(&open, other));
            if self.0.outfit.fit(&more).is_ok() {
                good = more;
            }
        }
        good.0.extend(of_section(&open, section));
        match self.0.outfit.fit(&good) {
            Ok(_) => Ok(()),
            Err(problem) => Err(refusal::refused(section, &problem)),
        }
    }

    async fn keep(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        rows: &[SettingRow],
        changed: &[&Entry],
        after: &Changes,
    ) -> Result<()> {
        let places: BTreeSet<&str> = changed.iter().map(|e| e.place().0).collect();
        for place in places {
            // What another version kept beside it stays.
            let row = rows.iter().find(|row| row.key == place);
            let mut kept: Map<String, Value> = row
                .and_then(|row| serde_json::from_str(&row.value).ok())
                .unwrap_or_default();
            for entry in changed.iter().filter(|e| e.place().0 == place) {
                let key = entry.place().1;
                match after.get(entry.name) {
                    Some(value) => _ = kept.insert(key.to_owned(), self.seal(entry, value)?),
                    None => _ = kept.shift_remove(key),
                }
            }
            let value = Value::Object(kept).to_string();
            rows::put(tx, place, &value, caller.id(), self.0.core.now()).await?;
        }
        Ok(())
    }

    async fn record(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        section: &Section,
        changed: &[&Entry],
        was: &Was<'_>,
        after: &Changes,
    ) -> Result<()> {
        let logged = |changes: &Changes, now: bool| {
            let one = |e: &&Entry| {
                let value = changes.get(e.name);
                let shown = match value {
                    Some(_) if e.shape.is_secret() => json!(if now { "changed" } else { "set" }),
                    Some(value) => value.clone(),
                    None if !now && was.lost.contains(e.name) => json!("set"),
                    None if e.shape.is_secret() => Value::Null,
                    None => self
                        .0
                        .outfit
                        .configured()
                        .get(e.name)
                        .map_or(Value::Null, |c| c.value.clone()),
                };
                (e.name.to_owned(), shown)
            };
            Value::Object(changed.iter().map(one).collect())
        };
        Record::operation("setting.update", caller)
            .target("setting", section.code, &section.name.zh)
            .change(&logged(was.stored, false), &logged(after, true))
            .write(&self.0.core, tx)
            .await
    }

    /// Tries a section out as it stands: sends a message to `phone`, or asks the vendor whether the
    /// credentials are good.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for a section that is not there; [`Kind::Invalid`] for one that can't be
    /// tried out or is not set up, and for what is no phone number; [`Kind::TooMany`];
    /// [`Kind::Upstream`], with the vendor's words, when it refuses.
    pub async fn test(&self, caller: &Caller, section: &str, phone: Option<&str>) -> Result<()> {
        let section = known(section)?;
        let outside = self.0.core.outside();
        let provider = match section.code {
            "sms" => None,
            "wechat_mini" => Some(outside.wechat_mini.clone()),
            "wechat_scan" => Some(outside.wechat_scan.clone()),
            "wecom" => Some(outside.wecom.clone()),
            _ => {
                return Err(Error::field(
                    "section",
                    Text::fixed("这一组设置不能测试", "can't be tried out"),
                ));
            }
        };
        let done = match provider {
            None => self.send_a_code(phone.unwrap_or_default()).await,
            Some(provider) => {
                let provider = provider.ok_or_else(not_set_up)?;
                self.count_test().await?;
                provider.probe().await
            }
        };
        if let Err(error) = &done
            && error.source.is_none()
        {
            // It never came to a try.
            return done;
        }
        self.record_test(caller, section, &done).await?;
        done.map_err(in_their_words)
    }

    /// A code as for signing in, but one that opens nothing.
    async fn send_a_code(&self, phone: &str) -> Result<()> {
        let core = &self.0.core;
        let sender = core.outside().sms.clone().ok_or_else(codes::not_set_up)?;
        let phone = validate::phone_key(phone)?;
        self.count_test().await?;
        self.count("setting:test:sms", MESSAGES_PER_HOUR, HOUR)
            .await?;
        let code = format!("{:06}", core.random_below(1_000_000));
        sender.send(&phone, &code).await?;
        metrics::counter!("menshen_sms_sent_total").increment(1);
        Ok(())
    }

    async fn count_test(&self) -> Result<()> {
        self.count("setting:test", TESTS_PER_MINUTE, MINUTE).await
    }

    async fn count(&self, key: &str, most: i64, window: Duration) -> Result<()> {
        let quota = Quota {
            key: key.to_owned(),
            most,
            window,
            refusal: Text::fixed(
                "测试过于频繁，请稍后再试",
                "Too many tests. Please try again later",
            ),
        };
        quota.count(&self.0.core).await
    }

    async fn record_test(
        &self,
        caller: &Caller,
        section: &Section,
        done: &Result<()>,
    ) -> Result<()> {
        let core = &self.0.core;
        let mut tx = core.db.begin().await?;
        let mut record = Record::operation("setting.test", caller).target(
            "setting",
            section.code,
            &section.name.zh,
        );
        if let Err(error) = done {
            let said = error.source.as_ref().map(ToString::to_string);
            record = record.reason(&said.unwrap_or_default()).failed();
        }
        record.write(core, &mut tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// What was kept before a change.
struct Was<'a> {
    stored: &'a Changes,
    lost: &'a Lost,
}

/// The change that puts back what `before` held; none when a secret is to be put back.
fn back(changed: &[&Entry], before: &Changes) -> Option<Fields> {
    if changed.iter().any(|entry| entry.shape.is_secret()) {
        return None;
    }
    let was = |entry: &&Entry| {
        let value = before.get(entry.name);
        let text = value.map(|value| view::text(value, entry.shape.is_list()));
        (entry.name.to_owned(), text)
    };
    Some(changed.iter().map(was).collect())
}

/// A refusal with what the vendor said: it is who can mend it that reads it here.
fn in_their_words(error: Error) -> Error {
    let said = error.source.as_ref().map(ToString::to_string);
    let Some(said) = said.filter(|_| error.fields.is_empty()) else {
        return error;
    };
    Error {
        text: Text::new(
            format!("{}（{said}）", error.text.zh),
            format!("{} ({said})", error.text.en),
        ),
        ..error
    }
}

fn not_set_up() -> Error {
    Error::new(
        Kind::Invalid,
        "尚未配置，请先填写并保存",
        "It is not set up yet. Fill it in and save first",
    )
}

fn known(code: &str) -> Result<&'static Section> {
    setting::section(code).ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            "没有这一组设置",
            "There are no such settings",
        )
    })
}

fn find(name: &str) -> Option<(&'static Section, &'static Entry)> {
    setting::SECTIONS
        .iter()
        .flat_map(|s| s.entries.iter().map(move |e| (s, e)))
        .find(|(_, e)| e.name == name)
}

fn of_section(changes: &Changes, section: &Section) -> Vec<(String, Value)> {
    let within = |name: &String| section.entries.iter().any(|e| e.name == name);
    changes
        .0
        .iter()
        .filter(|(name, _)| within(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn purpose(name: &str) -> String {
    format!("setting {name}")
}

/// A text that [`Entry::check`] let through, as the configuration would hold it.
fn value(entry: &Entry, text: &str) -> Value {
    let lines = || {
        let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
        lines.collect::<Vec<_>>()
    };
    match entry.shape {
        Shape::Number(..) => text.trim().parse::<i64>().map_or(Value::Null, Value::from),
        Shape::Flag => Value::Bool(text.trim() == "true"),
        Shape::Lines | Shape::SecretLines => json!(lines()),
        Shape::SecretText => json!(text.replace("\r\n", "\n").trim()),
        _ => json!(text.trim()),
    }
}

#[cfg(test)]
mod tests;

//! Seals: that an entry was taken out of a log shows, as its signature shows that it was changed.
//!
//! A chain through every entry would make all writers wait for each other. Instead, what was
//! written since the last seal is sealed now and then as a whole: its numbers, its signatures and
//! how many they are, signed together with the seal before. What can be taken away unseen is what
//! has not been sealed yet, or all seals since some moment together with their entries; against
//! the latter each seal's signature goes to the program's own log, which is kept elsewhere.

use super::Logs;
use crate::core::Core;
use aws_lc_rs::digest::{Context, SHA256};
use menshen_domain::Result;
use menshen_storage::Conn;
use menshen_storage::seals::{self, Seal};
use serde_json::json;
use std::time::Duration;
use subtle::ConstantTimeEq as _;

/// An entry so old is in the database, or never will be: no transaction takes longer.
const SETTLED: Duration = Duration::from_mins(10);
/// How many entries are read at once.
const BATCH: i64 = 1000;

/// Entries of the logs that are not as they were sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The number of the first of them.
    pub first_entry: i64,
    /// The number of the last of them.
    pub last_entry: i64,
    /// How many there were.
    pub sealed: i64,
    /// How many there are.
    pub found: i64,
}

impl Logs {
    /// Seals what was written since the last seal, but for the last minutes.
    ///
    /// # Errors
    /// What the database says.
    pub async fn seal(&self) -> Result<()> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.db.begin().await?;
        tx.serialise().await?;
        let before = seals::last(&mut tx).await?;
        let after = before.as_ref().map_or(0, |seal| seal.last_entry);
        let Some(last) = seals::settled(&mut tx, after, now - SETTLED).await? else {
            return Ok(());
        };
        let (entries, digest) = digest(&mut tx, after + 1, last).await?;
        let mut seal = Seal {
            first_entry: after + 1,
            last_entry: last,
            entries,
            digest,
            at: now.0,
            mac: Vec::new(),
        };
        seal.mac = signature(core, before.as_ref(), &seal);
        seals::insert(&mut tx, &seal).await?;
        tx.commit().await?;
        tracing::info!(
            last_entry = last,
            entries,
            seal = hex(&seal.mac),
            "the audit log was sealed"
        );
        Ok(())
    }

    /// What is not as it was sealed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn broken(&self) -> Result<Vec<Broken>> {
        let mut conn = self.core.db.read().await?;
        let all = seals::all(&mut conn).await?;
        let mut broken = Vec::new();
        let mut before: Option<&Seal> = None;
        for seal in &all {
            let (found, digest) = digest(&mut conn, seal.first_entry, seal.last_entry).await?;
            let follows = seal.first_entry == before.map_or(0, |b| b.last_entry) + 1;
            let signed = bool::from(signature(&self.core, before, seal).ct_eq(&seal.mac));
            if !follows || !signed || found != seal.entries || digest != seal.digest {
                broken.push(Broken {
                    first_entry: seal.first_entry,
                    last_entry: seal.last_entry,
                    sealed: seal.entries,
                    found,
                });
            }
            before = Some(seal);
        }
        Ok(broken)
    }
}

/// How many entries there are from `first` to `last`, and the digest of their numbers and
/// signatures.
async fn digest(conn: &mut Conn, first: i64, last: i64) -> Result<(i64, Vec<u8>)> {
    let mut context = Context::new(&SHA256);
    let (mut entries, mut next) = (0, first);
    loop {
        let batch = seals::signatures(conn, next, last, BATCH).await?;
        for (id, mac) in &batch {
            let length = u64::try_from(mac.len()).unwrap_or(u64::MAX);
            context.update(&id.to_be_bytes());
            context.update(&length.to_be_bytes());
            context.update(mac);
            entries += 1;
            next = id + 1;
        }
        if batch.is_empty() {
            return Ok((entries, context.finish().as_ref().to_vec()));
        }
    }
}

/// The signature of a seal. It begins with a word, where that of an entry begins with a number.
fn signature(core: &Core, before: Option<&Seal>, seal: &Seal) -> Vec<u8> {
    let content = json!([
        "seal",
        before.map(|b| hex(&b.mac)),
        seal.first_entry,
        seal.last_entry,
        seal.entries,
        hex(&seal.digest),
        seal.at,
    ]);
    core.secrets.audit_mac(content.to_string().as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;

    async fn change(bench: &Bench, statement: &'static str) {
        let mut tx = bench.db.begin().await.expect("begin");
        sqlx::raw_sql(statement)
            .execute(&mut *tx)
            .await
            .expect("done");
        tx.commit().await.expect("commit");
    }

    async fn later(bench: &Bench) {
        bench.clock.forward(Duration::from_hours(1));
        bench.services.sweep().await.expect("sealed");
    }

    async fn broken(bench: &Bench) -> Vec<(i64, i64, i64, i64)> {
        let found = bench.services.logs.broken().await.expect("looked");
        found
            .into_iter()
            .map(|b| (b.first_entry, b.last_entry, b.sealed, b.found))
            .collect()
    }

    /// A bench with entries 1 to 3 under one seal, and 4 and 5 under the next.
    async fn sealed() -> Bench {
        let bench = Bench::sqlite().await;
        for name in ["a1", "a2", "a3"] {
            bench.user(name).await;
        }
        later(&bench).await;
        for name in ["a4", "a5"] {
            bench.user(name).await;
        }
        later(&bench).await;
        bench
    }

    #[tokio::test]
    async fn req52_entries_that_are_gone_show() {
        let bench = sealed().await;
        let mut conn = bench.db.read().await.expect("conn");
        let seals = seals::all(&mut conn).await.expect("seals");
        drop(conn);
        let spans: Vec<_> = seals
            .iter()
            .map(|s| (s.first_entry, s.last_entry, s.entries))
            .collect();
        assert_eq!(spans, [(1, 3, 3), (4, 5, 2)]);
        assert!(broken(&bench).await.is_empty());
        // With nothing new there is nothing to seal.
        later(&bench).await;
        assert!(broken(&bench).await.is_empty());
        change(&bench, "DELETE FROM audit_log WHERE id = 2").await;
        assert_eq!(broken(&bench).await, [(1, 3, 3, 2)]);
        // Another one in its place is not the one that was there.
        change(
            &bench,
            "INSERT INTO audit_log (id, at, kind, action, success, actor_name, ip, user_agent,
                 request_id, mac)
             SELECT 2, at, kind, action, success, actor_name, ip, user_agent, request_id, mac
             FROM audit_log WHERE id = 1",
        )
        .await;
        assert_eq!(broken(&bench).await, [(1, 3, 3, 3)]);
    }

    #[tokio::test]
    async fn req52_seals_cant_be_taken_out_or_made_up() {
        let bench = sealed().await;
        change(&bench, "DELETE FROM audit_log WHERE id = 4").await;
        change(
            &bench,
            "UPDATE audit_seal SET entries = 1 WHERE first_entry = 4",
        )
        .await;
        assert_eq!(broken(&bench).await, [(4, 5, 1, 1)]);
        let bench = sealed().await;
        change(&bench, "DELETE FROM audit_seal WHERE first_entry = 1").await;
        change(&bench, "DELETE FROM audit_log WHERE id <= 3").await;
        assert_eq!(broken(&bench).await, [(4, 5, 2, 2)]);
    }

    #[tokio::test]
    async fn what_may_still_be_under_way_is_not_sealed() {
        let bench = Bench::sqlite().await;
        bench.user("old").await;
        bench.clock.forward(SETTLED + Duration::from_secs(1));
        bench.user("new").await;
        bench.services.logs.seal().await.expect("sealed");
        let mut conn = bench.db.read().await.expect("conn");
        let last = seals::last(&mut conn).await.expect("query");
        assert_eq!(last.map(|s| (s.last_entry, s.entries)), Some((1, 1)));
    }
}

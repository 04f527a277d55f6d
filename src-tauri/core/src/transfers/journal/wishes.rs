//! Wishes: what one process asks of another that has a transfer. They lie in the ledger, and so do the answers.

use super::convert::{number, size, state, state_word, wish as wish_of, wish_word};
use super::rows::{begin, list};
use super::{Journal, Living, Noted, OVER};
use crate::error::Result;
use crate::transfers::TransferId;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How often whoever waits for an answer looks for it.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// What a process shall do with a transfer that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    Pause,
    Cancel,
    /// Go on with it, also if it needs somebody.
    Resume,
}

/// What became of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It was obeyed as far as that was possible: this is how the transfer stands now.
    Stands(Noted),
    /// The transfer is over, and nobody knows any more how it ended.
    Over,
    /// The process that had it has ended.
    LeftBehind,
    /// Nobody has answered yet. The wish stays.
    Silence,
}

/// What a look at the wishes found.
pub(crate) struct Heard {
    /// Of the ledger, when this was seen.
    pub(crate) version: i64,
    /// `None` if nobody else has written since.
    pub(crate) wishes: Option<Vec<(TransferId, Wish)>>,
}

impl Journal {
    /// Asks the living processes that have these transfers to do something with them; without ids, with all that are not
    /// over. Says which were asked: to go on, only those that rest. An older wish for them is forgotten.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    pub async fn wish(&self, ids: Option<Vec<TransferId>>, wish: Wish) -> Result<Vec<TransferId>> {
        let mut living = self.living();
        self.ledger.with(move |connection| leave(connection, &mut living, ids, wish)).await
    }

    /// Waits until all of these wishes are answered, `most` at the longest, and says how. An answer is given once.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    ///
    /// # Cancellation
    /// The wishes stay, and are obeyed.
    pub async fn answers(&self, ids: Vec<TransferId>, most: Duration) -> Result<Vec<(TransferId, Answer)>> {
        let until = Instant::now() + most;
        let mut known: HashMap<TransferId, Answer> = HashMap::new();
        loop {
            let open: Vec<TransferId> = ids.iter().copied().filter(|id| !known.contains_key(id)).collect();
            let mut living = self.living();
            let found = self.ledger.with(move |connection| take_answers(connection, &mut living, open)).await?;
            known.extend(found.into_iter().filter(|(_, answer)| *answer != Answer::Silence));
            if known.len() == ids.len() || Instant::now() >= until {
                let answer = |id: TransferId| (id, known.get(&id).copied().unwrap_or(Answer::Silence));
                return Ok(ids.into_iter().map(answer).collect());
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// What others wish of this process, if anybody has written since a version of the ledger.
    ///
    /// # Errors
    /// `LedgerUnreadable`.
    pub(crate) async fn wishes(&self, since: Option<i64>) -> Result<Heard> {
        let runner = std::sync::Arc::clone(&self.runner);
        self.ledger.with(move |connection| heard(connection, &runner, since)).await
    }
}

/// Says how transfers stand that something was wished for, if nobody has wished for something else meanwhile.
pub(super) fn answer(work: &Transaction<'_>, answers: &[(TransferId, Wish, Noted)]) -> rusqlite::Result<()> {
    for (id, wish, noted) in answers {
        let sql = "UPDATE wishes SET became = ?1 WHERE transfer = ?2 AND wish = ?3";
        work.prepare_cached(sql)?.execute(params![state_word(*noted), number(id.0), wish_word(*wish)])?;
    }
    Ok(())
}

fn leave(
    connection: &mut Connection,
    living: &mut Living,
    ids: Option<Vec<TransferId>>,
    wish: Wish,
) -> rusqlite::Result<Vec<TransferId>> {
    let work = begin(connection)?;
    let all = list(&work, living)?;
    let mut told = Vec::new();
    for record in all.iter().filter(|record| ids.as_ref().is_none_or(|ids| ids.contains(&record.id))) {
        let id = number(record.id.0);
        let rests = matches!(record.state, Noted::Paused | Noted::NeedsYou);
        if record.is_running && !record.state.is_over() && (rests || wish != Wish::Resume) {
            let sql = "INSERT OR REPLACE INTO wishes (transfer, wish) VALUES (?1, ?2)";
            work.execute(sql, params![id, wish_word(wish)])?;
            told.push(record.id);
        } else {
            work.execute("DELETE FROM wishes WHERE transfer = ?1", params![id])?;
        }
    }
    work.commit()?;
    Ok(told)
}

fn take_answers(
    connection: &mut Connection,
    living: &mut Living,
    ids: Vec<TransferId>,
) -> rusqlite::Result<Vec<(TransferId, Answer)>> {
    let mut answers = Vec::with_capacity(ids.len());
    for id in ids {
        let sql = "SELECT became FROM wishes WHERE transfer = ?1";
        let became: Option<Option<String>> =
            connection.prepare_cached(sql)?.query_row(params![number(id.0)], |row| row.get(0)).optional()?;
        let answer = match became.flatten().as_deref().and_then(state) {
            Some(noted) => {
                connection.execute("DELETE FROM wishes WHERE transfer = ?1", params![number(id.0)])?;
                Answer::Stands(noted)
            }
            None => without_answer(connection, living, id)?,
        };
        answers.push((id, answer));
    }
    Ok(answers)
}

fn without_answer(connection: &Connection, living: &mut Living, id: TransferId) -> rusqlite::Result<Answer> {
    let sql = format!("SELECT runner FROM transfers WHERE id = ?1 AND state NOT IN {OVER}");
    let runner: Option<Option<String>> =
        connection.prepare_cached(&sql)?.query_row(params![number(id.0)], |row| row.get(0)).optional()?;
    Ok(match runner {
        None => Answer::Over,
        Some(runner) if living.has(runner.as_deref()) => Answer::Silence,
        Some(_) => Answer::LeftBehind,
    })
}

/// The number changes with every commit of another connection, and costs next to nothing to ask for.
fn heard(connection: &Connection, runner: &str, since: Option<i64>) -> rusqlite::Result<Heard> {
    let version = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
    if since == Some(version) {
        return Ok(Heard { version, wishes: None });
    }
    let sql = "SELECT w.transfer, w.wish FROM wishes w JOIN transfers t ON t.id = w.transfer
               WHERE t.runner = ?1 AND w.became IS NULL ORDER BY w.transfer";
    let mut query = connection.prepare_cached(sql)?;
    let rows = query.query_map(params![runner], |row| {
        let word: String = row.get(1)?;
        // A newer version may wish for what this one can't do.
        Ok(wish_of(&word).map(|wish| (TransferId(row.get::<_, i64>(0).map_or(0, size)), wish)))
    })?;
    let wishes: Vec<Option<(TransferId, Wish)>> = rows.collect::<rusqlite::Result<_>>()?;
    Ok(Heard { version, wishes: Some(wishes.into_iter().flatten().collect()) })
}

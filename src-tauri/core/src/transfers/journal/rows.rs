//! The rows of the journal: added, changed, taken over.

use super::convert::{
    conflict, conflict_word, direction, direction_word, number, path, path_bytes, reason, reason_text, size, state,
    state_word,
};
use super::groups::{self, Groups};
use super::{Begun, Change, Living, Noted, OVER, Record, Wish, lasting_path, wishes};
use crate::place::Place;
use crate::transfers::{Direction, Group, OnConflict, TransferId};
use jiff::Timestamp;
use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What is over is remembered, but not for ever.
const MOST_FINISHED: usize = 500;

const COLUMNS: &str = "t.id, p.definition, t.direction, t.path, t.name, t.below, t.on_conflict, t.size, t.state, \
                       t.reason, t.finished_at, t.runner, t.token, \
                       (SELECT sum(s.bytes) FROM sent_parts s JOIN unfinished_uploads u ON u.number = s.upload \
                        WHERE u.transfer = t.id), \
                       (SELECT sum(s.ends - s.start) FROM saved_stretches s WHERE s.transfer = t.id), \
                       (SELECT f.size FROM partial_files f WHERE f.transfer = t.id), \
                       EXISTS (SELECT 1 FROM unfinished_uploads u WHERE u.transfer = t.id), t.in_group";

/// A transfer that is about to be queued.
pub(crate) struct New {
    pub(crate) place: Arc<Place>,
    pub(crate) direction: Direction,
    /// As every process finds it.
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) below: String,
    pub(crate) on_conflict: OnConflict,
    pub(crate) size: u64,
    pub(crate) group: Option<Arc<Group>>,
}

pub(super) fn add(
    connection: &mut Connection,
    runner: &str,
    living: &mut Living,
    items: Vec<New>,
) -> rusqlite::Result<Vec<Record>> {
    let work = begin(connection)?;
    let (mut places, mut numbers) = (HashMap::new(), HashMap::new());
    let others = others_have_some(&work, runner)?;
    let mut added = Vec::with_capacity(items.len());
    for item in items {
        let place = place_number(&work, &mut places, &item.place)?;
        let group = groups::number_of(&work, &mut numbers, item.group.as_ref())?;
        let left = if others { left_behind(&work, living, place, &item)? } else { None };
        let record = match left {
            Some(record) => take_over(&work, runner, record, (item.on_conflict, item.group, group))?,
            None => insert(&work, runner, (place, group), item)?,
        };
        added.push(record);
    }
    work.commit()?;
    Ok(added)
}

pub(super) fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// The number of a place's definition. Definitions hold no secret.
pub(super) fn place_number(
    work: &Transaction<'_>,
    known: &mut HashMap<*const Place, i64>,
    place: &Arc<Place>,
) -> rusqlite::Result<i64> {
    if let Some(found) = known.get(&Arc::as_ptr(place)) {
        return Ok(*found);
    }
    let definition =
        serde_json::to_string(place.as_ref()).map_err(|cause| rusqlite::Error::ToSqlConversionFailure(cause.into()))?;
    work.execute("INSERT OR IGNORE INTO transfer_places (definition) VALUES (?1)", params![definition])?;
    let sql = "SELECT number FROM transfer_places WHERE definition = ?1";
    let found = work.query_row(sql, params![definition], |row| row.get(0))?;
    known.insert(Arc::as_ptr(place), found);
    Ok(found)
}

/// Whether there is anything that another process may have left behind. Asked once for many files.
fn others_have_some(work: &Transaction<'_>, runner: &str) -> rusqlite::Result<bool> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM transfers WHERE runner IS NOT ?1 AND state NOT IN {OVER})");
    work.prepare_cached(&sql)?.query_row(params![runner], |row| row.get(0))
}

/// The same file on its way to the same name, that a process did not get to its end.
fn left_behind(
    work: &Transaction<'_>,
    living: &mut Living,
    place: i64,
    item: &New,
) -> rusqlite::Result<Option<Record>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM transfers t JOIN transfer_places p ON p.number = t.place
         WHERE t.name = ?1 AND t.place = ?2 AND t.direction = ?3 AND t.path = ?4 AND t.below = ?5
         AND t.state NOT IN {OVER} ORDER BY t.id"
    );
    let mut query = work.prepare_cached(&sql)?;
    let values = params![item.name, place, direction_word(item.direction), path_bytes(&item.path), item.below];
    let found: Vec<Option<Record>> =
        query.query_map(values, |row| read(row, living, &Groups::default()))?.collect::<rusqlite::Result<_>>()?;
    Ok(found.into_iter().flatten().find(|record| !record.is_running))
}

fn take_over(
    work: &Transaction<'_>,
    runner: &str,
    mut record: Record,
    (on_conflict, group, number_of_group): (OnConflict, Option<Arc<Group>>, Option<i64>),
) -> rusqlite::Result<Record> {
    // What somebody wished for it before, they wished of another process.
    work.prepare_cached("DELETE FROM wishes WHERE transfer = ?1")?.execute(params![number(record.id.0)])?;
    let sql = "UPDATE transfers SET runner = ?1, state = 'waiting', reason = NULL, on_conflict = ?2, in_group = ?3
               WHERE id = ?4";
    let values = params![runner, conflict_word(on_conflict), number_of_group, number(record.id.0)];
    work.prepare_cached(sql)?.execute(values)?;
    (record.state, record.reason, record.on_conflict, record.is_running) = (Noted::Waiting, None, on_conflict, true);
    // It came again, with another folder or by itself.
    record.group = group;
    Ok(record)
}

fn insert(
    work: &Transaction<'_>,
    runner: &str,
    (place, group): (i64, Option<i64>),
    item: New,
) -> rusqlite::Result<Record> {
    let token = uuid::Uuid::new_v4().simple().to_string();
    let sql = "INSERT INTO transfers (runner, place, direction, path, name, below, on_conflict, size, token, in_group,
                                      state)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'waiting')";
    work.prepare_cached(sql)?.execute(params![
        runner,
        place,
        direction_word(item.direction),
        path_bytes(&item.path),
        item.name,
        item.below,
        conflict_word(item.on_conflict),
        number(item.size),
        token,
        group
    ])?;
    Ok(Record {
        id: TransferId(size(work.last_insert_rowid())),
        place: item.place.as_ref().clone(),
        direction: item.direction,
        path: item.path,
        name: item.name,
        below: item.below,
        on_conflict: item.on_conflict,
        group: item.group,
        size_bytes: item.size,
        state: Noted::Waiting,
        reason: None,
        finished_at: None,
        is_running: true,
        is_new: true,
        token,
        begun: Begun::default(),
    })
}

pub(super) fn write(
    connection: &mut Connection,
    keeps_finished: bool,
    changes: &[(TransferId, Change)],
    answers: &[(TransferId, Wish, Noted)],
) -> rusqlite::Result<()> {
    let work = begin(connection)?;
    write_all(&work, keeps_finished, changes)?;
    wishes::answer(&work, answers)?;
    work.commit()
}

fn write_all(work: &Transaction<'_>, keeps_finished: bool, changes: &[(TransferId, Change)]) -> rusqlite::Result<()> {
    // What happens to all at once, such as being stopped, is a few statements and not one for each.
    for alike in changes.chunk_by(|(id, change), (next, other)| next.0 == id.0 + 1 && change.is_the_same(other)) {
        let [(first, change), ..] = alike else { continue };
        let last = alike.last().map_or(first, |(last, _)| last);
        write_one(work, keeps_finished, (number(first.0), number(last.0)), change)?;
    }
    Ok(())
}

/// Writes down what became of all transfers from `first` to `last`.
fn write_one(
    work: &Transaction<'_>,
    keeps_finished: bool,
    (first, last): (i64, i64),
    change: &Change,
) -> rusqlite::Result<()> {
    let over = match change {
        Change::Done { .. } => true,
        Change::To(noted, _) => noted.is_over(),
        Change::Choice(_) | Change::Forget => false,
    };
    match change {
        _ if over && !keeps_finished => forget(work, first, last),
        Change::Forget => forget(work, first, last),
        Change::To(noted, error) => {
            let finished = over.then(|| Timestamp::now().as_second());
            let sql = "UPDATE transfers SET state = ?1, reason = ?2, finished_at = ?3 WHERE id BETWEEN ?4 AND ?5";
            let reason = error.as_ref().and_then(|error| reason_text(error));
            work.prepare_cached(sql)?.execute(params![state_word(*noted), reason, finished, first, last]).map(drop)
        }
        Change::Done { name, path, size, at } => {
            let sql = "UPDATE transfers SET state = 'done', reason = NULL, name = ?1, path = ?2, size = ?3, \
                       finished_at = ?4 WHERE id = ?5";
            let path = path_bytes(&lasting_path(path));
            work.prepare_cached(sql)?.execute(params![name, path, number(*size), at.as_second(), first]).map(drop)
        }
        Change::Choice(choice) => {
            let sql = "UPDATE transfers SET on_conflict = ?1, trying_name = NULL WHERE id BETWEEN ?2 AND ?3";
            work.prepare_cached(sql)?.execute(params![conflict_word(*choice), first, last]).map(drop)
        }
    }
}

impl Change {
    /// Whether one statement can write both.
    fn is_the_same(&self, other: &Change) -> bool {
        match (self, other) {
            (Change::To(one, None), Change::To(other, None)) => one == other,
            (Change::Forget, Change::Forget) => true,
            _ => false,
        }
    }
}

fn forget(work: &Transaction<'_>, first: i64, last: i64) -> rusqlite::Result<()> {
    work.prepare_cached("DELETE FROM transfers WHERE id BETWEEN ?1 AND ?2")?.execute(params![first, last]).map(drop)
}

pub(super) fn list(connection: &Connection, living: &mut Living) -> rusqlite::Result<Vec<Record>> {
    let sql = format!("SELECT {COLUMNS} FROM transfers t JOIN transfer_places p ON p.number = t.place ORDER BY t.id");
    let groups = Groups::of(connection)?;
    let mut query = connection.prepare_cached(&sql)?;
    let rows: Vec<Option<Record>> =
        query.query_map([], |row| read(row, living, &groups))?.collect::<rusqlite::Result<_>>()?;
    Ok(rows.into_iter().flatten().collect())
}

pub(super) fn adopt(
    connection: &mut Connection,
    runner: &str,
    living: &mut Living,
    wanted: impl Fn(&Record) -> bool,
) -> rusqlite::Result<Vec<Record>> {
    let work = begin(connection)?;
    forget_old(&work)?;
    let all = list(&work, living)?;
    let mut taken = Vec::new();
    for mut record in all.into_iter().filter(|record| !record.is_running && wanted(record)) {
        work.prepare_cached("UPDATE transfers SET runner = ?1 WHERE id = ?2")?
            .execute(params![runner, number(record.id.0)])?;
        record.is_running = true;
        taken.push(record);
    }
    work.commit()?;
    Ok(taken)
}

fn forget_old(connection: &Connection) -> rusqlite::Result<()> {
    let old = format!(
        "state IN {OVER} AND id NOT IN
         (SELECT id FROM transfers WHERE state IN {OVER} ORDER BY finished_at DESC, id DESC LIMIT {MOST_FINISHED})"
    );
    groups::count_as_forgotten(connection, &old)?;
    connection.execute(&format!("DELETE FROM transfers WHERE {old}"), [])?;
    groups::forget_empty(connection)?;
    // Nobody waits for an answer that long.
    let sql = "DELETE FROM wishes WHERE became IS NOT NULL OR transfer NOT IN (SELECT id FROM transfers)";
    connection.execute(sql, []).map(drop)
}

pub(super) fn change_left_behind(
    connection: &mut Connection,
    living: &mut Living,
    ids: Option<Vec<TransferId>>,
    to: Noted,
) -> rusqlite::Result<Vec<TransferId>> {
    let work = begin(connection)?;
    let all = list(&work, living)?;
    let mine = |record: &Record| ids.as_ref().is_none_or(|ids| ids.contains(&record.id));
    let found = all.iter().filter(|record| !record.is_running && !record.state.is_over() && mine(record));
    let found: Vec<TransferId> = found.map(|record| record.id).collect();
    let changes: Vec<_> = found.iter().map(|id| (*id, Change::To(to, None))).collect();
    write_all(&work, true, &changes)?;
    work.commit()?;
    Ok(found)
}

pub(super) fn forget_left_behind(
    connection: &mut Connection,
    living: &mut Living,
    wanted: impl Fn(&Record) -> bool,
) -> rusqlite::Result<()> {
    let work = begin(connection)?;
    let all = list(&work, living)?;
    let left = all.into_iter().filter(|record| !record.is_running && wanted(record));
    let changes: Vec<_> = left.map(|record| (record.id, Change::Forget)).collect();
    write_all(&work, true, &changes)?;
    work.commit()
}

pub(super) fn let_go(connection: &mut Connection, runner: &str, ids: &[TransferId]) -> rusqlite::Result<()> {
    let work = begin(connection)?;
    for id in ids {
        let sql = "UPDATE transfers SET runner = NULL WHERE id = ?1 AND runner = ?2";
        work.prepare_cached(sql)?.execute(params![number(id.0), runner])?;
    }
    work.commit()
}

/// What was told to somebody and has nothing to go on with is not kept by those who keep nothing that is over.
pub(super) fn release(connection: &mut Connection, runner: &str, keeps_finished: bool) -> rusqlite::Result<()> {
    if !keeps_finished {
        let sql = "DELETE FROM transfers WHERE runner = ?1 AND state = 'needsYou'
                   AND id NOT IN (SELECT transfer FROM unfinished_uploads WHERE transfer IS NOT NULL)
                   AND id NOT IN (SELECT transfer FROM partial_files)";
        connection.execute(sql, params![runner])?;
    }
    connection.execute("UPDATE transfers SET runner = NULL WHERE runner = ?1", params![runner])?;
    connection.execute("UPDATE unfinished_uploads SET runner = NULL WHERE runner = ?1", params![runner]).map(drop)
}

/// A row of a newer version that can't be read is left out, and left alone.
fn read(row: &Row<'_>, living: &mut Living, groups: &Groups) -> rusqlite::Result<Option<Record>> {
    let definition: String = row.get(1)?;
    let (way, conflict_of, state_of): (String, String, String) = (row.get(2)?, row.get(6)?, row.get(8)?);
    let (reason_of, finished): (Option<String>, Option<i64>) = (row.get(9)?, row.get(10)?);
    let runner: Option<String> = row.get(11)?;
    let (sent, saved, partial): (Option<i64>, Option<i64>, Option<i64>) = (row.get(13)?, row.get(14)?, row.get(15)?);
    let begun =
        Begun { is_begun: partial.is_some() || row.get(16)?, safe_bytes: size(sent.or(saved).unwrap_or_default()) };
    let parsed = (serde_json::from_str(&definition), direction(&way), conflict(&conflict_of), state(&state_of));
    let (Ok(place), Some(direction), Some(on_conflict), Some(state)) = parsed else { return Ok(None) };
    Ok(Some(Record {
        id: TransferId(size(row.get(0)?)),
        place,
        direction,
        path: path(row.get(3)?),
        name: row.get(4)?,
        below: row.get(5)?,
        on_conflict,
        // What comes in has no size until the store has said it.
        size_bytes: size(partial.unwrap_or(row.get(7)?)),
        state,
        reason: reason_of.as_deref().and_then(reason),
        finished_at: finished.and_then(|second| Timestamp::from_second(second).ok()),
        is_running: living.has(runner.as_deref()),
        is_new: false,
        group: groups.get(row.get(17)?),
        token: row.get(12)?,
        begun,
    }))
}

//! Folders in the journal that came with everything in them. Each is written down once, however many files it has.

use super::convert::{number, path, path_bytes, size};
use crate::transfers::{Group, GroupId};
use rusqlite::{Connection, Transaction, params};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// All that are written down, by their numbers there.
#[derive(Default)]
pub(super) struct Groups(HashMap<i64, Arc<Group>>);

impl Groups {
    pub(super) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let sql = "SELECT number, id, name, path, forgotten_files, forgotten_bytes FROM transfer_groups";
        let mut query = connection.prepare_cached(sql)?;
        let rows = query.query_map([], |row| {
            // One that can't be read is none.
            let Ok(id) = Uuid::from_slice(&row.get::<_, Vec<u8>>(1)?) else { return Ok(None) };
            let group = Group {
                id: GroupId(id),
                name: row.get(2)?,
                path: path(row.get(3)?),
                forgotten_files: usize::try_from(row.get::<_, i64>(4)?).unwrap_or_default(),
                forgotten_bytes: size(row.get(5)?),
            };
            Ok(Some((row.get(0)?, Arc::new(group))))
        })?;
        let known: Vec<Option<(i64, Arc<Group>)>> = rows.collect::<rusqlite::Result<_>>()?;
        Ok(Groups(known.into_iter().flatten().collect()))
    }

    pub(super) fn get(&self, number: Option<i64>) -> Option<Arc<Group>> {
        self.0.get(&number?).cloned()
    }
}

/// The number of a group, which is written down if it is not yet.
pub(super) fn number_of(
    work: &Transaction<'_>,
    known: &mut HashMap<GroupId, i64>,
    group: Option<&Arc<Group>>,
) -> rusqlite::Result<Option<i64>> {
    let Some(group) = group else { return Ok(None) };
    if let Some(found) = known.get(&group.id) {
        return Ok(Some(*found));
    }
    let id = group.id.0.as_bytes().as_slice();
    let sql = "INSERT OR IGNORE INTO transfer_groups (id, name, path, forgotten_files, forgotten_bytes)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let files = i64::try_from(group.forgotten_files).unwrap_or(i64::MAX);
    let values = params![id, group.name, path_bytes(&group.path), files, number(group.forgotten_bytes)];
    work.prepare_cached(sql)?.execute(values)?;
    let sql = "SELECT number FROM transfer_groups WHERE id = ?1";
    let found = work.prepare_cached(sql)?.query_row(params![id], |row| row.get(0))?;
    known.insert(group.id, found);
    Ok(Some(found))
}

/// Counts those done files that are about to be forgotten. `old` says which rows that is about.
pub(super) fn count_as_forgotten(connection: &Connection, old: &str) -> rusqlite::Result<()> {
    let sql = format!(
        "UPDATE transfer_groups SET forgotten_files = forgotten_files + old.files,
                                    forgotten_bytes = forgotten_bytes + old.bytes
         FROM (SELECT in_group, count(*) AS files, sum(size) AS bytes FROM transfers
               WHERE in_group IS NOT NULL AND state = 'done' AND {old} GROUP BY in_group) AS old
         WHERE number = old.in_group"
    );
    connection.execute(&sql, []).map(drop)
}

/// Nothing that came with them is known any more.
pub(super) fn forget_empty(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "DELETE FROM transfer_groups
               WHERE number NOT IN (SELECT in_group FROM transfers WHERE in_group IS NOT NULL)";
    connection.execute(sql, []).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;

    fn group_row(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
        let sql = "SELECT forgotten_files, forgotten_bytes FROM transfer_groups";
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    #[tokio::test]
    async fn files_that_are_done_stay_counted_when_they_are_forgotten_and_an_empty_group_goes() {
        let ledger = Ledger::in_memory().unwrap();
        let counted = ledger.with(|connection| {
            connection.execute_batch(
                "INSERT INTO transfer_places (number, definition) VALUES (1, '{}');
                 INSERT INTO transfer_groups (number, id, name, path) VALUES (1, x'00', 'a/', x'61'), (2, x'01', 'b/', x'62');
                 INSERT INTO transfers (place, direction, path, name, on_conflict, size, token, state, in_group)
                 VALUES (1, 'up', x'61', 'a/1', 'ask', 10, 't', 'done', 1),
                        (1, 'up', x'61', 'a/2', 'ask', 20, 't', 'done', 1),
                        (1, 'up', x'61', 'a/3', 'ask', 40, 't', 'stopped', 1),
                        (1, 'up', x'61', 'a/4', 'ask', 80, 't', 'waiting', 1);",
            )?;
            let old = "state IN ('done', 'stopped')";
            count_as_forgotten(connection, old)?;
            connection.execute(&format!("DELETE FROM transfers WHERE {old}"), [])?;
            forget_empty(connection)?;
            group_row(connection)
        });
        assert_eq!(counted.await.unwrap(), (2, 30), "the other group is gone");
    }
}

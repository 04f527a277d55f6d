//! Pausing and stopping: at once what nobody has; what a living process has is wished of that one, and its answer told.

use super::Call;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use satchel_core::transfers::{Answer, Journal, Noted, Record, TransferId, Wish};
use serde::Serialize;
use std::collections::HashSet;
use std::time::Duration;

/// How long a living process is waited for. It looks for wishes about twice a second.
const PATIENCE: Duration = Duration::from_secs(5);

/// How transfers stand now that something was wanted of them.
#[derive(Debug, Default, Serialize)]
pub struct Changes {
    pub changed: Vec<Changed>,
    pub unchanged: Vec<Unchanged>,
    /// Somebody who has one of them does not answer.
    #[serde(skip)]
    silence: bool,
}

#[derive(Debug, Serialize)]
pub struct Changed {
    pub id: u64,
    pub state: &'static str,
}

#[derive(Debug, Serialize)]
pub struct Unchanged {
    pub id: u64,
    pub sentence: String,
}

/// Pauses or cancels these; without ids, all that are not over.
pub async fn change(
    call: &Call<'_>,
    journal: &Journal,
    ids: Option<Vec<TransferId>>,
    wish: Wish,
) -> Result<Exit, Failure> {
    let to = if wish == Wish::Cancel { Noted::Stopped } else { Noted::Paused };
    let mut changes = Changes::default();
    let mut left_behind = journal.change_left_behind(ids.clone(), to).await?;
    let answers = asked(call, journal, ids.clone(), wish).await?;
    let orphans = answers.iter().filter(|(_, answer)| *answer == Answer::LeftBehind).map(|(id, _)| *id);
    left_behind.extend(journal.change_left_behind(Some(orphans.collect()), to).await?);
    left_behind.into_iter().for_each(|id| changes.stands(id, to));
    for (id, answer) in answers {
        changes.add(id, answer, wish);
    }
    changes.name_the_others(journal, ids).await?;
    changes.print(call.output)
}

/// Wishes something of the living processes that have these transfers, and waits a little for their answers.
pub async fn asked(
    call: &Call<'_>,
    journal: &Journal,
    ids: Option<Vec<TransferId>>,
    wish: Wish,
) -> Result<Vec<(TransferId, Answer)>, Failure> {
    let told = journal.wish(ids, wish).await?;
    call.until_stopped(async { Ok(journal.answers(told, PATIENCE).await?) }).await
}

impl Changes {
    fn stands(&mut self, id: TransferId, state: Noted) {
        self.changed.push(Changed { id: id.0, state: super::state_word(state) });
    }

    fn stays(&mut self, id: TransferId, sentence: impl Into<String>) {
        self.unchanged.push(Unchanged { id: id.0, sentence: sentence.into() });
    }

    /// Notes what a living process made of a wish.
    pub fn add(&mut self, id: TransferId, answer: Answer, wish: Wish) {
        let wanted = match wish {
            Wish::Pause => Noted::Paused,
            Wish::Cancel => Noted::Stopped,
            Wish::Resume => Noted::Waiting,
        };
        match answer {
            Answer::Stands(state) if state == wanted => self.stands(id, state),
            Answer::Stands(Noted::Done) => self.stays(id, "it was done before that."),
            Answer::Stands(Noted::NeedsYou) => self.stays(id, "it needs you, and rests until then."),
            Answer::Stands(_) | Answer::Over => self.stays(id, "it is over already."),
            // Told as one of those that nobody has.
            Answer::LeftBehind if wish != Wish::Resume => {}
            Answer::LeftBehind => self.stays(id, "the Satchel that had it has ended. Try again."),
            Answer::Silence => {
                self.silence = true;
                let seconds = PATIENCE.as_secs();
                self.stays(
                    id,
                    format!("the Satchel that has it has not answered for {seconds} seconds. It obeys once it does."),
                );
            }
        }
    }

    /// Says of each that was named and not spoken of yet why nothing was done to it.
    pub async fn name_the_others(&mut self, journal: &Journal, ids: Option<Vec<TransferId>>) -> Result<(), Failure> {
        let spoken: HashSet<u64> =
            self.changed.iter().map(|one| one.id).chain(self.unchanged.iter().map(|one| one.id)).collect();
        let others: Vec<TransferId> = ids.into_iter().flatten().filter(|id| !spoken.contains(&id.0)).collect();
        if others.is_empty() {
            return Ok(());
        }
        let known = journal.list().await?;
        for id in others {
            match known.iter().find(|record| record.id == id) {
                Some(Record { is_running: true, state: Noted::Waiting, .. }) => self.stands(id, Noted::Waiting),
                Some(_) => self.stays(id, "it is over already."),
                None => self.stays(id, "there is no such transfer. `satchel transfers` shows them."),
            }
        }
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.unchanged.is_empty()
    }

    pub fn exit(&self) -> Exit {
        match (self.unchanged.is_empty(), self.changed.is_empty()) {
            (true, _) => Exit::Done,
            (false, false) => Exit::Partial,
            (false, true) if self.silence => Exit::Trouble,
            (false, true) => Exit::NotFound,
        }
    }

    /// The words for people.
    pub fn say(&self, output: &Output) {
        for one in &self.changed {
            let words = if one.state == "waiting" { "goes on" } else { one.state };
            output.say(format_args!("{}: {words}.", one.id));
        }
        for one in &self.unchanged {
            output.warn(format_args!("{}: {}", one.id, one.sentence));
        }
    }

    fn print(&self, output: &Output) -> Result<Exit, Failure> {
        if output.json {
            output.document(self)?;
        } else {
            self.say(output);
        }
        Ok(self.exit())
    }
}

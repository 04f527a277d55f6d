//! What the random run knows: which bytes each name has ever meant, what a colleague has put there, and what was seen.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use satchel_practice::proxy::Dice;

use crate::office::Office;

/// Bytes, told apart by their length and a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Print(usize, u64);

impl Print {
    pub fn of(bytes: &[u8]) -> Self {
        let mut sum = DefaultHasher::new();
        bytes.hash(&mut sum);
        Print(bytes.len(), sum.finish())
    }
}

pub struct World {
    pub office: Office,
    pub dice: Dice,
    /// What is in the folder that is uploaded.
    pub sources: BTreeMap<String, Print>,
    /// Everything that a name has ever meant on this computer, or at the colleague's.
    pub versions: HashMap<String, HashSet<Print>>,
    /// What was seen at the store. It stays, because nobody ever asks to replace anything.
    pub seen: BTreeMap<String, Print>,
    /// In how many calls an answer may have been lost: the program was killed, or the line broke.
    pub calls_that_lost: usize,
    /// Whether the line has broken a connection since the last call.
    pub line_broke: Arc<AtomicBool>,
}

impl World {
    pub async fn new(seed: u64) -> Self {
        let mut world = World {
            office: Office::open(seed).await,
            dice: Dice::new(seed),
            sources: BTreeMap::new(),
            versions: HashMap::new(),
            seen: BTreeMap::new(),
            calls_that_lost: 0,
            line_broke: Arc::default(),
        };
        std::fs::create_dir(world.folder()).unwrap();
        for _ in 0..world.dice.below(8) + 2 {
            world.write();
        }
        world
    }

    pub fn folder(&self) -> PathBuf {
        self.office.satchel.home().join("work")
    }

    /// Notes what a name means from now on.
    pub fn means(&mut self, name: &str, print: Print) {
        self.versions.entry(name.to_owned()).or_default().insert(print);
    }

    /// Whether a name at the store may hold this: a numbered name may hold what its plain one means.
    pub fn may_hold(&self, name: &str, print: Print) -> bool {
        if name.ends_with('/') {
            // A folder that had nothing in it.
            return print == Print::of(b"");
        }
        let plain = without_number(name);
        [name, plain.as_str()].iter().any(|name| self.versions.get(*name).is_some_and(|all| all.contains(&print)))
    }
}

/// `a (2).txt` as `a.txt`.
fn without_number(name: &str) -> String {
    let Some((start, rest)) = name.rsplit_once(" (") else { return name.to_owned() };
    match rest.split_once(')') {
        Some((number, end)) if number.parse::<u32>().is_ok() => format!("{start}{end}"),
        _ => name.to_owned(),
    }
}

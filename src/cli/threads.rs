//! The threads of all computations: started here, so that a system that refuses some leaves us with fewer instead of with
//! none.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::{Error, Result};

use super::terminal;

/// Most that may be asked for.
const MOST: usize = 4096;
/// Most that are started for each core: further ones would only wait for each other.
const MOST_PER_CORE: usize = 8;

/// Where a thread that was started waits for its work.
type Waiting = SyncSender<rayon::ThreadBuilder>;

/// Starts as many threads as are asked for, by default one for each core; fewer, with a note, where the system refuses
/// some, and none beside this one where it refuses all.
///
/// # Errors
/// [`Error::OutOfRange`] for 0 and for more than any machine has.
pub fn start(asked: Option<usize>, quiet: bool) -> Result<()> {
    let refused = |threads: usize, reason: String| Error::out_of_range("--threads", threads, reason);
    if let Some(threads) = asked.filter(|threads| !(1..=MOST).contains(threads)) {
        return Err(refused(threads, format!("from 1 to {MOST}")));
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let most = MOST_PER_CORE * cores;
    let wanted = asked.unwrap_or(cores).min(most);
    let (waiting, refusal) = started(wanted);
    let note = match (refusal, asked) {
        (Some(refusal), _) => {
            Some(format!("note: {} of {wanted} threads: the system refuses more ({refusal})", waiting.len().max(1)))
        }
        (None, Some(asked)) if asked > most => Some(format!(
            "note: {most} of {asked} threads: more than {MOST_PER_CORE} for each of {cores} cores are of no use"
        )),
        _ => None,
    };
    if let Some(note) = note.filter(|_| !quiet) {
        terminal::error_line(&note);
    }
    let builder = rayon::ThreadPoolBuilder::new().num_threads(waiting.len().max(1));
    let built = match waiting.is_empty() {
        true => builder.use_current_thread().build_global(),
        false => {
            let mut waiting = waiting.into_iter();
            let gone = || std::io::Error::other("a thread has ended before its work");
            let hand_over = |work| waiting.next().and_then(|waiting| waiting.send(work).ok()).ok_or_else(gone);
            builder.spawn_handler(hand_over).build_global()
        }
    };
    built.map_err(|error| refused(wanted, error.to_string()))
}

/// Up to so many threads that wait for work, and why there are no more. They are started before the pool is made: a pool
/// that fails half way cannot be made again.
fn started(wanted: usize) -> (Vec<Waiting>, Option<std::io::Error>) {
    let mut waiting = Vec::with_capacity(wanted);
    for _ in 0..wanted {
        let (sender, receiver): (Waiting, Receiver<rayon::ThreadBuilder>) = sync_channel(1);
        let work = move || receiver.recv().into_iter().for_each(rayon::ThreadBuilder::run);
        match thread::Builder::new().spawn(work) {
            Ok(_) => waiting.push(sender),
            Err(refusal) => return (waiting, Some(refusal)),
        }
    }
    (waiting, None)
}

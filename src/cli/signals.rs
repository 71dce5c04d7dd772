//! Signals: Ctrl-C and its kin become a question that the work asks, a file-size limit becomes an error of the write.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use crate::{Error, Result};

use super::terminal;

/// Set by the first signal that asks for the end, ...
static INTERRUPT: AtomicBool = AtomicBool::new(false);
/// ... and which it was.
static SIGNAL: AtomicUsize = AtomicUsize::new(SIGINT as usize);

/// Whether the handlers are in place.
static WATCHED: AtomicBool = AtomicBool::new(false);

/// How often the watch looks ...
const LOOK: Duration = Duration::from_millis(100);
/// ... and how long the work may take to end by itself: with the look and the end less than a second.
const GRACE: Duration = Duration::from_millis(700);

/// Exit status of a process that a signal ended, less its number, as shells have it.
const ENDED_BY_SIGNAL: u8 = 128;

/// Lets a write beyond the limit of file sizes (`ulimit -f`) fail with an error, where SIGXFSZ would end the process and
/// leave temporary files.
pub fn survive_file_size_limit() {
    #[cfg(unix)]
    {
        /// Nobody asks: that there is a handler is all.
        static EXCEEDED: AtomicBool = AtomicBool::new(false);
        // Where it cannot be handled, the system's default stays.
        let _ = flag::register(signal_hook::consts::SIGXFSZ, &EXCEEDED);
    }
}

/// From here on the first Ctrl-C, SIGTERM or hang-up sets what [`interrupted`] says, and ends the process within a second
/// whether the work asks or not; the second ends it at once.
///
/// Other commands end on the first, as is the system's default; so does this one where no thread for the watch is to be
/// had.
pub fn watch_interrupts() {
    if WATCHED.swap(true, Ordering::SeqCst) || std::thread::Builder::new().spawn(end_in_time).is_err() {
        return;
    }
    for signal in ending_signals() {
        // Fails only for signals that a system lacks. The order matters: the first signal finds the flag unset.
        let _ = flag::register_conditional_shutdown(signal, i32::from(status_of(signal)), &INTERRUPT);
        let _ = flag::register_usize(signal, &SIGNAL, signal.unsigned_abs() as usize);
        let _ = flag::register(signal, &INTERRUPT);
    }
}

/// What the work does not end by itself ends here, as a kill would end it: unfinished files are taken away by the next
/// run.
fn end_in_time() {
    while !interrupted() {
        std::thread::sleep(LOOK);
    }
    std::thread::sleep(GRACE);
    terminal::error_line(&format!("error: {}", Error::Interrupted));
    low_level::exit(i32::from(status()))
}

/// Whether the user asked for the end.
pub fn interrupted() -> bool {
    INTERRUPT.load(Ordering::SeqCst)
}

/// Exit status of a process that the signal ended, as shells have it: 130 after Ctrl-C, 143 after SIGTERM.
pub fn status() -> u8 {
    status_of(i32::try_from(SIGNAL.load(Ordering::SeqCst)).unwrap_or(SIGINT))
}

fn status_of(signal: i32) -> u8 {
    ENDED_BY_SIGNAL + u8::try_from(signal).unwrap_or_default()
}

/// For `?` between two steps of a command.
///
/// # Errors
/// [`Error::Interrupted`] if the user asked for the end.
pub fn check() -> Result<()> {
    if interrupted() { Err(Error::Interrupted) } else { Ok(()) }
}

fn ending_signals() -> Vec<i32> {
    #[allow(unused_mut, reason = "only unix has a third")]
    let mut signals = vec![SIGINT, SIGTERM];
    #[cfg(unix)]
    if !hang_up_is_ignored() {
        signals.push(signal_hook::consts::SIGHUP);
    }
    signals
}

/// Whether whoever started us, such as `nohup`, wants us to outlive the terminal.
///
/// Only Linux says so without calling C; elsewhere the signal keeps the disposition that it came with, which `nohup`
/// needs too.
#[cfg(unix)]
fn hang_up_is_ignored() -> bool {
    let ignored = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(mask.trim(), 16).ok()
    });
    ignored.is_none_or(|mask| mask & 1 << (signal_hook::consts::SIGHUP - 1) != 0)
}

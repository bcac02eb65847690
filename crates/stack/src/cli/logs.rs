//! `stack logs`.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::screen::{Screen, Tone};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::home::{Home, last_lines};
use crate::table::Process;

/// How many lines of each log are shown.
const LINES: usize = 40;
const POLL: Duration = Duration::from_millis(200);

/// Shows the end of one log or of all, and goes on with `follow` until interrupted.
pub(crate) fn logs(root: &Path, process: Option<&str>, follow: bool) -> Result<ExitCode> {
    let none = || Error::new(format!("no stack was ever started in {}", root.display()));
    let home = Home::existing(root).ok_or_else(none)?;
    let screen = Screen::new();
    let names = names(&home, process)?;
    // A single log needs no label.
    let width = names.iter().map(String::len).max().filter(|_| process.is_none());
    let mut logs: Vec<Log> = names.iter().map(|name| Log::new(&home, name, width)).collect();
    for log in &mut logs {
        log.show_end(&screen);
    }
    if follow { watch(&screen, &mut logs) } else { Ok(ExitCode::SUCCESS) }
}

fn watch(screen: &Screen, logs: &mut [Log]) -> ! {
    loop {
        std::thread::sleep(POLL);
        for log in &mut *logs {
            log.show_news(screen);
        }
    }
}

/// The processes that have a log, or the one of them that is wanted.
fn names(home: &Home, process: Option<&str>) -> Result<Vec<String>> {
    let possible = Process::all(&Environment::ALL).into_iter().map(Process::name);
    let all = ["supervisor".to_owned()].into_iter().chain(possible);
    let all: Vec<String> = all.filter(|name| home.log_file(name).is_file()).collect();
    let Some(wanted) = process else { return Ok(all) };
    let found = all.iter().find(|name| *name == wanted).cloned();
    let unknown = || Error::new(format!("no log of {wanted}; there are: {}", all.join(", ")));
    found.map(|name| vec![name]).ok_or_else(unknown)
}

struct Log {
    path: std::path::PathBuf,
    /// What each line begins with when several logs are shown.
    label: Option<String>,
    shown: u64,
    rest: Vec<u8>,
}

impl Log {
    fn new(home: &Home, name: &str, width: Option<usize>) -> Self {
        let label = width.map(|width| format!("{name:<width$} "));
        Self { path: home.log_file(name), label, shown: 0, rest: Vec::new() }
    }

    fn show_end(&mut self, screen: &Screen) {
        self.shown = self.path.metadata().map_or(0, |log| log.len());
        let end = last_lines(&self.path, LINES);
        end.lines().for_each(|line| self.show(screen, line));
    }

    fn show_news(&mut self, screen: &Screen) {
        let _not_there_yet = self.read_news();
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            self.show(screen, String::from_utf8_lossy(&line).trim_end());
        }
    }

    /// A log that is shorter than what was shown has been moved aside: the new one is shown from its beginning.
    fn read_news(&mut self) -> std::io::Result<()> {
        let mut file = File::open(&self.path)?;
        if file.metadata()?.len() < self.shown {
            self.shown = 0;
        }
        file.seek(SeekFrom::Start(self.shown))?;
        let read = file.read_to_end(&mut self.rest)?;
        self.shown += u64::try_from(read).unwrap_or(0);
        Ok(())
    }

    fn show(&self, screen: &Screen, line: &str) {
        let label = self.label.as_ref().map(|label| screen.paint(label, Tone::Faint));
        screen.line(label.unwrap_or_default() + line);
    }
}

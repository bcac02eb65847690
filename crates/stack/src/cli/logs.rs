//! `stack logs`.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::screen::{Screen, Tone};
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
    let mut logs: Vec<Log> =
        names(process)?.into_iter().map(|name| Log::new(&home, name, process.is_none())).collect();
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

fn names(process: Option<&str>) -> Result<Vec<&'static str>> {
    let mut all = vec!["supervisor"];
    all.extend(Process::all(true).iter().map(|process| process.name()));
    let Some(wanted) = process else { return Ok(all) };
    let found: Vec<_> = all.iter().copied().filter(|name| *name == wanted).collect();
    let unknown = || Error::new(format!("no log of {wanted}; there are: {}", all.join(", ")));
    (!found.is_empty()).then_some(found).ok_or_else(unknown)
}

struct Log {
    path: std::path::PathBuf,
    /// What each line begins with when several logs are shown.
    label: Option<&'static str>,
    shown: u64,
    rest: Vec<u8>,
}

impl Log {
    fn new(home: &Home, name: &'static str, labelled: bool) -> Self {
        Self { path: home.log_file(name), label: labelled.then_some(name), shown: 0, rest: Vec::new() }
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
        let label = self.label.map(|label| screen.paint(&format!("{label:<10} "), Tone::Faint));
        screen.line(label.unwrap_or_default() + line);
    }
}

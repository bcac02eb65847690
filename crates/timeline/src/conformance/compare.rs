//! Everything that can be observed of a store, compared with the model.

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::model::Model;
use super::step::Step;
use super::{Store, User};
use crate::{Seq, Watermark};

/// The watermarks as last seen, also of members who have left since.
#[derive(Default)]
pub(super) struct Observed(BTreeMap<User, Watermark>);

impl Observed {
    /// Says what is wrong after `step`, if anything is.
    pub(super) fn compare<S: Store>(
        &mut self,
        store: &mut S,
        model: &Model,
        step: Option<Step>,
    ) -> Result<(), String> {
        for user in model.members() {
            compare_counts(store, model, user)?;
            let now = asked(store.watermark(user))?;
            compare_watermark(&now, model, user)?;
            if let Some(before) = self.0.insert(user, now) {
                compare_change(&before, &now, user, step)
                    .map_err(|wrong| format!("{wrong} for {user}: {before:?}, then {now:?}"))?;
            }
        }
        compare_readers(store, model)
    }
}

fn compare_counts<S: Store>(store: &mut S, model: &Model, user: User) -> Result<(), String> {
    let unread = model.unread(user);
    same(&asked(store.visible(user))?, &model.visible(user), || format!("what {user} can see"))?;
    same(&asked(store.unread(user))?, &count(&unread), || {
        format!("the number of unread messages of {user} ({unread:?})")
    })
}

/// The model's count must follow from the watermark, and with nothing clamped.
fn compare_watermark(watermark: &Watermark, model: &Model, user: User) -> Result<(), String> {
    let (last_seq, unread) = (model.last_seq(), model.unread(user));
    let about = |what: &str| format!("{what} of {user} in {watermark:?}");
    same(&Some(watermark.visible_from), &model.visible_from(user), || about("the beginning"))?;
    same(&watermark.unread(last_seq), &count(&unread), || {
        about("the number of unread messages by the watermark")
    })?;
    let (above, floor) = (last_seq.since(watermark.floor()), watermark.floor());
    let counted = unread.iter().filter(|seq| **seq > floor).count();
    same(&counted, &unread.len(), || about("the number of unread messages above the floor"))?;
    same(&watermark.uncounted, &(above - count(&unread)), || about("the number of uncounted messages"))
}

/// Nothing goes back, but for a message that comes back unread below the watermark, and `rev` tells exactly whether
/// something changed.
fn compare_change(before: &Watermark, now: &Watermark, user: User, step: Option<Step>) -> Result<(), String> {
    let (joined, restored) = (step == Some(Step::Join(user)), matches!(step, Some(Step::Restore(_))));
    let unchanged = Watermark { rev: before.rev, ..*now } == *before;
    match now.rev.saturating_sub(before.rev) {
        // leaving may have raised it too, and a new stay may begin with other numbers
        ups if joined && ups > 0 => Ok(()),
        _ if joined => Err("rev did not go on from the member's last stay".to_owned()),
        _ if now.read_seq < before.read_seq && !restored => Err("the watermark went back".to_owned()),
        0 if unchanged => Ok(()),
        1 if !unchanged => Ok(()),
        ups => Err(format!(
            "rev went up by {ups} where the state {}",
            if unchanged { "did not change" } else { "changed once" }
        )),
    }
}

fn compare_readers<S: Store>(store: &mut S, model: &Model) -> Result<(), String> {
    for seq in (1..=model.last_seq().get()).map(Seq::saturating) {
        let Some(readers) = model.read_by(seq) else { continue };
        let mut told = asked(store.read_by(seq))?;
        told.sort_unstable();
        same(&told, &readers, || format!("who has read message {seq}"))?;
    }
    Ok(())
}

fn asked<T, E: Debug>(answer: Result<T, E>) -> Result<T, String> {
    answer.map_err(|error| format!("the store failed: {error:?}"))
}

fn same<T: PartialEq + Debug>(store: &T, model: &T, what: impl FnOnce() -> String) -> Result<(), String> {
    if store == model {
        return Ok(());
    }
    Err(format!("{}: the store says {store:?}, by hand it is {model:?}", what()))
}

fn count(seqs: &[Seq]) -> i64 {
    i64::try_from(seqs.len()).unwrap_or(i64::MAX)
}

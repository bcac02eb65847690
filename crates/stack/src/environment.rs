//! The environments: isolated sets of the same services behind the one gateway.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// An environment: services, a database, roles, signing keys, secrets and names at the broker of its own.
///
/// Production is what there is when nothing else is asked for, so what is its own goes by a plain name (`auth`, `banter`);
/// what is another's carries that one's name, too (`auth@preview`, `banter_preview`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Where a change is looked at.
    Preview,
    /// Where it is rehearsed.
    Staging,
    /// Where it counts.
    Production,
}

impl Environment {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Preview, Self::Staging, Self::Production];

    /// Its name, which is part of every token's audience.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }

    /// The host that it is reached by at the gateway.
    #[must_use]
    pub fn host(self) -> &'static str {
        match self {
            Self::Preview => "preview.localhost",
            Self::Staging => "staging.localhost",
            Self::Production => "localhost",
        }
    }

    /// All hosts that are its own, separated by commas.
    pub(crate) fn hosts(self) -> &'static str {
        if self == Self::Production { "localhost,127.0.0.1" } else { self.host() }
    }

    /// The name of one of its processes, secrets or key directories: `auth`, `auth@preview`.
    #[must_use]
    pub fn own(self, name: &str) -> String {
        self.marked(name, '@')
    }

    /// Its database: `banter`, `banter_preview`.
    #[must_use]
    pub fn database(self) -> String {
        self.marked("banter", '_')
    }

    /// The role with which one of its services reaches the database: `auth`, `auth_preview`.
    pub(crate) fn role(self, service: &str) -> String {
        self.marked(service, '_')
    }

    /// What stands before the names of everything of it at the broker: `banter`, `banter-preview`.
    #[must_use]
    pub fn namespace(self) -> String {
        self.marked("banter", '-')
    }

    fn marked(self, name: &str, sign: char) -> String {
        if self == Self::Production { name.to_owned() } else { format!("{name}{sign}{}", self.name()) }
    }
}

/// Some environments and more of them, each once, in their order.
pub(crate) fn union(some: &[Environment], more: &[Environment]) -> Vec<Environment> {
    Environment::ALL.into_iter().filter(|one| some.contains(one) || more.contains(one)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_goes_by_plain_names() {
        let names = |one: Environment| [one.own("auth"), one.database(), one.role("auth"), one.namespace()];
        assert_eq!(names(Environment::Production), ["auth", "banter", "auth", "banter"]);
        assert_eq!(
            names(Environment::Preview),
            ["auth@preview", "banter_preview", "auth_preview", "banter-preview"]
        );
    }

    #[test]
    fn a_union_has_each_once() {
        use Environment::{Preview, Production};
        assert_eq!(union(&[Production, Production], &[Preview, Production]), [Preview, Production]);
    }
}

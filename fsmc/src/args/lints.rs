//! `--allow`, `--warn` and `--deny`: the levels of lints, of which the last one given counts.
//!
//! clap's derive keeps no order among options, so the arguments are read by hand.

use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches};
use fsm_codegen::diag::{Code, did_you_mean};
use fsm_codegen::{Config, Level};

/// What the options call every lint that warns.
const WARNINGS: &str = "warnings";

const OPTIONS: [(&str, Level, &str); 3] = [
    ("allow", Level::Allow, "Say nothing of a lint, by its name or number; `warnings` is every lint that warns"),
    ("warn", Level::Warn, "Make a lint a warning"),
    ("deny", Level::Deny, "Make a lint an error"),
];

/// The levels that the command line sets, in its order.
#[derive(Debug, Clone, Default)]
pub(crate) struct LintArgs {
    set: Vec<(Named, Level)>,
}

#[derive(Debug, Clone, Copy)]
enum Named {
    Warnings,
    Lint(Code),
}

impl LintArgs {
    /// Settings of a compilation with these levels.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config::default();
        for (named, level) in &self.set {
            match named {
                Named::Warnings => config.warnings = *level,
                Named::Lint(code) => config.lints.push((*code, *level)),
            }
        }
        config
    }
}

impl clap::Args for LintArgs {
    fn augment_args(command: Command) -> Command {
        let arg = |(name, _, help): (&'static str, _, _)| {
            Arg::new(name).long(name).value_name("LINT").help(help).action(ArgAction::Append).value_parser(named)
        };
        command.args(OPTIONS.map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for LintArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut set: Vec<(usize, (Named, Level))> = Vec::new();
        for (name, level, _) in OPTIONS {
            let places = matches.indices_of(name).into_iter().flatten();
            let values = matches.get_many::<Named>(name).into_iter().flatten();
            set.extend(places.zip(values.map(|named| (*named, level))));
        }
        set.sort_by_key(|(place, _)| *place);
        Ok(Self { set: set.into_iter().map(|(_, level)| level).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn named(name: &str) -> Result<Named, String> {
    if name == WARNINGS {
        return Ok(Named::Warnings);
    }
    Code::lint(name).map(Named::Lint).ok_or_else(|| {
        let names = Code::lints().map(Code::name).chain([WARNINGS]);
        did_you_mean(name, names).map_or_else(|| "no such lint".to_owned(), |help| help.text)
    })
}

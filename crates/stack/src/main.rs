//! `stack`: see the crate's documentation.

fn main() -> std::process::ExitCode {
    stack::cli::main()
}

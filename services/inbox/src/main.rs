//! The inbox service; see its library.

fn main() -> std::process::ExitCode {
    kit::serve::<inbox::Inbox>()
}

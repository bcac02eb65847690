//! The messaging service; see its library.

fn main() -> std::process::ExitCode {
    kit::serve::<messaging::Messaging>()
}

//! The conversation service; see its library.

fn main() -> std::process::ExitCode {
    kit::serve::<conversation::Conversation>()
}

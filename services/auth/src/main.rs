//! The auth service; see its library.

fn main() -> std::process::ExitCode {
    kit::serve::<auth::Auth>()
}

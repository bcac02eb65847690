//! The listing service; see its library.

fn main() -> std::process::ExitCode {
    kit::serve::<listing::Catalogue>()
}

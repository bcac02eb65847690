//! The bucket service; see its library.

fn main() -> std::process::ExitCode {
    kit::serve::<bucket::Bucket>()
}

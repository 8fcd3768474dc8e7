//! Locks the agent into what it needs: its own folders, and no way to start another program (promise G2).
//!
//! Both locks are the kernel's own and last until the process ends; a kernel without them is told, not refused.

use landlock::{
    ABI, Access, AccessFs, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus,
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

/// What could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum ConfineError {
    /// The file system rules were refused.
    #[error("restricting the agent to its folders: {0}")]
    Landlock(#[from] landlock::RulesetError),
    /// The system call filter was refused.
    #[error("forbidding the agent to start programs: {0}")]
    Seccomp(String),
}

/// Which locks hold, for the log and for `show-scope`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confinement {
    /// Only the named folders can be read or written.
    pub folders: bool,
    /// No program can be started, no process traced, nothing mounted.
    pub programs: bool,
}

/// Read-only places every agent needs: resolver and host names (where systems keep what `/etc/resolv.conf` leads to,
/// and the C library's modules for them), the kernel's view of its network, time zones.
const READABLE: &[&str] = &[
    "/etc",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager",
    "/lib",
    "/lib64",
    "/usr/lib",
    "/proc",
    "/sys/class/net",
    "/sys/devices",
    "/usr/share/zoneinfo",
    "/dev/urandom",
    "/dev/null",
];

impl fmt::Display for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |holds| if holds { "locked" } else { "NOT locked, this kernel cannot" };
        write!(f, "folders {}; starting programs {}", said(self.folders), said(self.programs))
    }
}

/// The folders of a file that people edit: where it is named, and where that leads to if it is a link. Editors put a
/// new file in the place of the old one, which a permission for the file itself would not cover.
#[must_use]
pub fn folders_of(file: &Path) -> Vec<PathBuf> {
    let folder = |file: &Path| match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    std::iter::once(folder(file)).chain(std::fs::canonicalize(file).ok().map(|real| folder(&real))).collect()
}

/// Locks this process and every thread it starts later: `writable` folders stay writable, `readable` files readable.
///
/// Call it on the main thread before any other is started: threads that exist already keep their freedom.
///
/// # Errors
/// Where the kernel knows a lock but refuses it; a kernel that does not know it yields `false` in the answer.
pub fn confine(writable: &[PathBuf], readable: &[PathBuf]) -> Result<Confinement, ConfineError> {
    let folders = restrict_folders(writable, readable)?;
    let programs = forbid_programs()?;
    Ok(Confinement { folders, programs })
}

fn restrict_folders(writable: &[PathBuf], readable: &[PathBuf]) -> Result<bool, ConfineError> {
    // What an older kernel does not know of this (V3: cutting files off) is left out by itself.
    let abi = ABI::V3;
    let mut rules = Ruleset::default().handle_access(AccessFs::from_all(abi))?.create()?;
    let read = READABLE.iter().map(Path::new).chain(readable.iter().map(PathBuf::as_path));
    for (path, access) in read
        .map(|path| (path, AccessFs::from_read(abi)))
        .chain(writable.iter().map(|path| (path.as_path(), AccessFs::from_all(abi))))
    {
        // A place that does not exist needs no permission.
        let Ok(opened) = PathFd::new(path) else { continue };
        let access = if path.is_dir() { access } else { access & AccessFs::from_file(abi) };
        rules = rules.add_rule(PathBeneath::new(opened, access))?;
    }
    Ok(rules.restrict_self()?.ruleset != RulesetStatus::NotEnforced)
}

/// On x86-64 a kernel may know each call a second time with this bit, for programs with 32-bit pointers (x32).
const X32: i64 = if cfg!(target_arch = "x86_64") { 0x4000_0000 } else { 0 };
/// Calls of ours that x32 numbers otherwise: execve, ptrace, kexec_load, process_vm_readv, process_vm_writev, execveat
/// (the kernel's table of system calls, from 512 on).
const X32_ONLY: &[i64] = if cfg!(target_arch = "x86_64") { &[520, 521, 528, 539, 540, 545] } else { &[] };

/// System calls that would let a broken-into agent become something else.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn forbid_programs() -> Result<bool, ConfineError> {
    let refused = [
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_delete_module,
        libc::SYS_kexec_load,
        libc::SYS_bpf,
        libc::SYS_setns,
        libc::SYS_unshare,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_perf_event_open,
        // Nothing ever connects to the agent (promise G1).
        libc::SYS_listen,
        // Its rings would do all of this past the filter.
        libc::SYS_io_uring_setup,
        libc::SYS_io_uring_enter,
        libc::SYS_io_uring_register,
    ];
    let rules: BTreeMap<i64, Vec<seccompiler::SeccompRule>> = refused
        .into_iter()
        .flat_map(|call| [call, call | X32])
        .chain(X32_ONLY.iter().map(|call| call | X32))
        .map(|call| (call, Vec::new()))
        .collect();
    let arch = TargetArch::try_from(std::env::consts::ARCH)
        .map_err(|error| ConfineError::Seccomp(error.to_string()))?;
    let refuse = SeccompAction::Errno(u32::try_from(libc::EPERM).unwrap_or(1));
    let program: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch)
        .and_then(TryInto::try_into)
        .map_err(|error: seccompiler::BackendError| ConfineError::Seccomp(error.to_string()))?;
    match seccompiler::apply_filter_all_threads(&program) {
        Ok(()) => Ok(true),
        Err(error) => Err(ConfineError::Seccomp(error.to_string())),
    }
}

/// Other processors have no filter: the unit file's own filter stands alone there.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn forbid_programs() -> Result<bool, ConfineError> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Locks are for good, so they are tried in a process of their own: this test runs itself again.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "what the lock lets through is tried on loopback")]
    fn a_confined_process_starts_nothing_and_writes_only_its_own() {
        const MARK: &str = "RUNDGANG_CONFINE_TEST";
        if let Some(folder) = std::env::var_os(MARK) {
            let folder = PathBuf::from(folder);
            let own = folder.join("own");
            let scope = folder.join("etc").join("scope.toml");
            let confinement = confine(std::slice::from_ref(&own), &folders_of(&scope)).expect("locks");
            assert!(std::fs::read(&scope).is_ok(), "a file that is a link can be read");
            assert!(std::fs::write(own.join("spool"), "x").is_ok(), "its own folder stays writable");
            if confinement.folders {
                assert!(std::fs::write(&scope, "x").is_err(), "what is read may not be written");
                assert!(
                    std::fs::write(folder.join("elsewhere"), "x").is_err(),
                    "nothing else may be written"
                );
            }
            if confinement.programs {
                assert!(
                    std::process::Command::new("/bin/true").status().is_err(),
                    "no program may be started"
                );
                assert!(std::net::TcpListener::bind("127.0.0.1:0").is_err(), "nothing may listen");
                assert!(std::net::UdpSocket::bind("127.0.0.1:0").is_ok(), "questions may still be asked");
            }
            println!("confined: {confinement:?}");
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["own", "etc", "real"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        std::fs::write(folder.path().join("real").join("scope.toml"), "x").expect("a file");
        std::os::unix::fs::symlink("../real/scope.toml", folder.path().join("etc").join("scope.toml"))
            .expect("a link");
        let output = std::process::Command::new(std::env::current_exe().expect("this test"))
            .args([
                "--exact",
                "confine::tests::a_confined_process_starts_nothing_and_writes_only_its_own",
                "--nocapture",
            ])
            .env(MARK, folder.path())
            .output()
            .expect("this test again");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(text.contains("confined: "), "{text}");
    }
}

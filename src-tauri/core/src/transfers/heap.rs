//! What the allocator does with memory that is given back: kept while something moves, returned to the system after.
//!
//! glibc by itself returns every buffer of an answer to the kernel and has it zeroed anew for the next: a tenth of what a
//! download costs. Other allocators are left as they are.

/// Keeps up to 32 MiB of freed memory for the next request. Applies to the whole process, from the first call on.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn keep_what_is_freed() {
    const MOST_KEPT: libc::c_int = 32 * 1024 * 1024;
    static ONCE: std::sync::Once = std::sync::Once::new();
    #[allow(unsafe_code, reason = "nobody offers this safely; it sets two numbers of the allocator")]
    ONCE.call_once(|| {
        // SAFETY: takes plain numbers, and the allocator guards itself with its own lock. Refused, it changes nothing.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, MOST_KEPT);
            libc::mallopt(libc::M_TRIM_THRESHOLD, MOST_KEPT);
        }
    });
}

/// Gives what is free back to the system. Takes a few milliseconds at most.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn give_back() {
    #[allow(unsafe_code, reason = "nobody offers this safely; it moves nothing that is in use")]
    // SAFETY: takes a plain number, and the allocator guards itself with its own lock.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn keep_what_is_freed() {}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn give_back() {}

//! What a form says of people, on its way through a program that writes logs.
//!
//! Types that hold such a value show it through [`Personal`] in their own `Debug`, so that a `{:?}` anywhere, in a log or in an
//! error, tells nothing. Inside this crate's own tests it is shown, because a failed comparison must be read.

use std::fmt;

/// A value whose `Debug` prints nothing of it.
pub struct Personal<'a, T: ?Sized>(pub &'a T);

impl<T: fmt::Debug + ?Sized> fmt::Debug for Personal<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if cfg!(test) { self.0.fmt(f) } else { f.write_str("***") }
    }
}

/// `Debug` for a struct, its plain fields first; of those behind the semicolon it prints nothing. The struct is taken apart in
/// full, so that a field added later has to be put on one side or the other.
macro_rules! discreet {
    ($type:ident { $($plain:ident),* ; $($personal:ident),+ }) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let Self { $($plain,)* $($personal),+ } = self;
                f.debug_struct(stringify!($type))
                    $(.field(stringify!($plain), $plain))*
                    $(.field(stringify!($personal), &$crate::domain::personal::Personal($personal)))+
                    .finish()
            }
        }
    };
}
pub(crate) use discreet;

//! `join!`, `try_join!` and `select!`: a few futures of different types, held on the stack.

/// Waits for all of them at once; gives a tuple of their outputs.
///
/// ```
/// use headwater_sdk::prelude::*;
///
/// #[task]
/// async fn length(text: String) -> Result<u64> {
///     Ok(text.len() as u64)
/// }
///
/// #[flow]
/// async fn lengths() -> Result<u64> {
///     let (one, other) = join!(length("a"), length("bc"));
///     Ok(one? + other?)
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! join {
    ($($future:expr),+ $(,)?) => {
        $crate::__join!(@name [] [$($future,)+] [a b c d e f g h i j k l m n o p])
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __join {
    (@name [$($name:ident $future:expr;)*] [] [$($left:ident)*]) => {{
        $( let mut $name = (::std::pin::pin!(::std::future::IntoFuture::into_future($future)), ::std::option::Option::None); )*
        $crate::combine::drive([$(
            &mut |cx: &mut ::std::task::Context<'_>| match ::std::future::Future::poll($name.0.as_mut(), cx) {
                ::std::task::Poll::Pending => $crate::combine::Branch::Pending,
                ::std::task::Poll::Ready(output) => {
                    $name.1 = ::std::option::Option::Some(output);
                    $crate::combine::Branch::Ended
                }
            }
        ),*]).await;
        ($( $crate::combine::output($name.1.take()).await ),*)
    }};
    (@name [$($done:tt)*] [$future:expr, $($rest:expr,)*] [$name:ident $($left:ident)*]) => {
        $crate::__join!(@name [$($done)* $name $future;] [$($rest,)*] [$($left)*])
    };
}

/// Waits for all of them at once, until the first error; gives a tuple of their values. After an error the others are dropped, so
/// their calls are cancelled.
///
/// ```
/// use headwater_sdk::prelude::*;
///
/// #[task]
/// async fn length(text: String) -> Result<u64> {
///     Ok(text.len() as u64)
/// }
///
/// #[flow]
/// async fn lengths() -> Result<u64> {
///     let (one, other) = try_join!(length("a"), length("bc"))?;
///     Ok(one + other)
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! try_join {
    ($($future:expr),+ $(,)?) => {
        $crate::__try_join!(@name [] [$($future,)+] [a b c d e f g h i j k l m n o p])
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __try_join {
    (@name [$($name:ident $future:expr;)*] [] [$($left:ident)*]) => {{
        let failed = ::std::cell::RefCell::new(::std::option::Option::None);
        $( let mut $name = (::std::pin::pin!(::std::future::IntoFuture::into_future($future)), ::std::option::Option::None); )*
        $crate::combine::drive([$(
            &mut |cx: &mut ::std::task::Context<'_>| match ::std::future::Future::poll($name.0.as_mut(), cx) {
                ::std::task::Poll::Pending => $crate::combine::Branch::Pending,
                ::std::task::Poll::Ready(::std::result::Result::Ok(value)) => {
                    $name.1 = ::std::option::Option::Some(value);
                    $crate::combine::Branch::Ended
                }
                ::std::task::Poll::Ready(::std::result::Result::Err(error)) => {
                    *failed.borrow_mut() = ::std::option::Option::Some(error);
                    $crate::combine::Branch::Decides
                }
            }
        ),*]).await;
        match failed.into_inner() {
            ::std::option::Option::Some(error) => ::std::result::Result::Err(error),
            ::std::option::Option::None => ::std::result::Result::Ok(($( $crate::combine::output($name.1.take()).await ),*)),
        }
    }};
    (@name [$($done:tt)*] [$future:expr, $($rest:expr,)*] [$name:ident $($left:ident)*]) => {
        $crate::__try_join!(@name [$($done)* $name $future;] [$($rest,)*] [$($left)*])
    };
}

/// Waits for the first of them, and goes on with its arm; where several have ended, the first written. The others are dropped, so
/// their calls are cancelled; a submitted handle goes on.
///
/// ```
/// use headwater_sdk::prelude::*;
///
/// #[task]
/// async fn length(text: String) -> Result<u64> {
///     Ok(text.len() as u64)
/// }
///
/// #[flow]
/// async fn in_time() -> Result<u64> {
///     select! {
///         length = length("a") => length,
///         _ = sleep(Duration::from_secs(5)) => Err(Error::new("too slow")),
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! select {
    ($($pattern:pat = $future:expr => $body:expr),+ $(,)?) => {
        $crate::__select!(@name [] [$($pattern, $future, $body;)+] [A a B b C c D d E e F f G g H h I i J j K k L l M m N n O o P p])
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __select {
    (@name [$($which:ident $name:ident $pattern:pat, $future:expr, $body:expr;)*] [] [$($left:ident)*]) => {{
        enum Which<$($which),*> { $($which($which)),* }
        let which = {
            let first = ::std::cell::RefCell::new(::std::option::Option::None);
            $( let mut $name = ::std::pin::pin!(::std::future::IntoFuture::into_future($future)); )*
            $crate::combine::drive([$(
                &mut |cx: &mut ::std::task::Context<'_>| match ::std::future::Future::poll($name.as_mut(), cx) {
                    ::std::task::Poll::Pending => $crate::combine::Branch::Pending,
                    ::std::task::Poll::Ready(output) => {
                        *first.borrow_mut() = ::std::option::Option::Some(Which::$which(output));
                        $crate::combine::Branch::Decides
                    }
                }
            ),*]).await;
            $crate::combine::output(first.into_inner()).await
        };
        match which { $( Which::$which($pattern) => $body ),* }
    }};
    (@name [$($done:tt)*] [$pattern:pat, $future:expr, $body:expr; $($rest:tt)*] [$which:ident $name:ident $($left:ident)*]) => {
        $crate::__select!(@name [$($done)* $which $name $pattern, $future, $body;] [$($rest)*] [$($left)*])
    };
}

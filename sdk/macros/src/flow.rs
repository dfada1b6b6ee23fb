//! `#[flow]`.

use crate::attrs::Attrs;
use crate::emit::{self, Names};
use crate::item::{Checked, Item, Role};
use crate::values::Errors;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Index;
use syn::spanned::Spanned;

pub fn expand(attribute: TokenStream, tokens: TokenStream) -> syn::Result<TokenStream> {
    let item: Item = syn::parse2(tokens)?;
    let mut errors = Errors::default();
    let attrs = Attrs::parse(attribute, Role::Flow, &mut errors);
    let checked = item.check(Role::Flow, &mut errors);
    attrs.check_retry(&mut errors);
    errors.finish()?;

    let names = Names::new(&item.sig.ident);
    let (name, span) = attrs.name.clone().unwrap_or_else(|| (item.name(), item.sig.ident.span()));
    let project = emit::option(&attrs.project);
    let target = quote!(::headwater_sdk::def::flow_target(#name, #project));
    let callers = emit::callers(&item, &checked, &names, &target, &quote!(::headwater_sdk::call::kind::Flow));
    let body = emit::body(&item, &checked, &names);
    let run = run(&item, &checked, &names);
    let again = again(&item, &checked, &names, &name);
    let params = emit::params(&checked, &names);
    let definition = definition(&item, &attrs, &names, &name);
    let surroundings = emit::surroundings(&item, &checked, &names, &name, Role::Flow);
    // A flow that is only declared here may be declared in several places, beside its body even.
    let guard = item.body.as_ref().map(|_| emit::guard(Role::Flow, &name, span));
    Ok(quote!(#callers #body #run #again #params #definition #surroundings #guard))
}

fn run(item: &Item, checked: &Checked, names: &Names) -> TokenStream {
    if item.body.is_none() {
        return TokenStream::new();
    }
    let (run, body, codec, take) = (&names.run, &names.body, &names.result, emit::take(checked, names));
    let idents = checked.params.iter().map(|param| &param.ident);
    // In the place of the return type: there an error that is none is reported.
    let future = quote_spanned!(checked.returns.span()=> ::headwater_sdk::def::flow_future(__body, #codec.encode));
    quote! {
        #[doc(hidden)]
        fn #run(__input: &str) -> ::std::result::Result<::headwater_sdk::def::FlowFuture, ::headwater_sdk::def::Failure> {
            #take
            let __body = #body(#(#idents),*);
            ::std::result::Result::Ok(#future)
        }
    }
}

/// What a flow returns to go on as new.
fn again(item: &Item, checked: &Checked, names: &Names, name: &str) -> TokenStream {
    if item.body.is_none() {
        return TokenStream::new();
    }
    let (vis, again, codecs) = (&item.vis, &names.again, &names.codecs);
    let idents: Vec<_> = checked.params.iter().map(|param| &param.ident).collect();
    let types = checked.params.iter().map(|param| &param.ty);
    let texts = idents.iter().map(|ident| crate::item::name(ident));
    let places = (0..idents.len()).map(Index::from);
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, clippy::too_many_arguments, reason = "generated, for flows that go on as new")]
        #vis fn #again<__T>(#(#idents: #types),*) -> ::headwater_sdk::Result<__T> {
            ::headwater_sdk::def::again(#name, &[#((#texts, (#codecs.#places.encode)(&#idents))),*])
        }
    }
}

fn definition(item: &Item, attrs: &Attrs, names: &Names, name: &str) -> TokenStream {
    let (vis, def, params) = (&item.vis, &names.definition, &names.params);
    let (own_name, description, codec) = (item.name(), item.description(), &names.result);
    let start = emit::option(&item.body.as_ref().map(|_| &names.run));
    let (project, image, labels) = (emit::option(&attrs.project), emit::option(&attrs.image), &attrs.labels);
    let (retry, timeout) = (emit::retry(attrs), emit::option(&attrs.timeout));
    quote! {
        #[doc(hidden)]
        #vis const #def: ::headwater_sdk::def::FlowDef = ::headwater_sdk::def::FlowDef {
            path: ::std::concat!(::std::module_path!(), "::", #own_name),
            name: #name,
            project: #project,
            description: #description,
            parameters: #params,
            returns: #codec.schema,
            start: #start,
            retry: #retry,
            timeout: #timeout,
            labels: &[#(#labels),*],
            image: #image,
        };
    }
}

//! `#[task]`.

use crate::attrs::{Attrs, Grant};
use crate::emit::{self, Names};
use crate::item::{self, Checked, Item, Role};
use crate::values::Errors;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

pub fn expand(attribute: TokenStream, tokens: TokenStream) -> syn::Result<TokenStream> {
    let item: Item = syn::parse2(tokens)?;
    let mut errors = Errors::default();
    let mut attrs = Attrs::parse(attribute, Role::Task, &mut errors);
    let checked = item.check(Role::Task, &mut errors);
    check_source(&item, &attrs, &mut errors);
    attrs.check_task(item.body.is_some(), &mut errors);
    check_stdin(&attrs, &checked, &mut errors);
    errors.finish()?;

    let names = Names::new(&item.sig.ident);
    let own_name = item.name();
    let (name, span) = match (&attrs.name, &attrs.plugin) {
        (Some((name, span)), None) => (name.clone(), *span),
        _ => (own_name.clone(), item.sig.ident.span()),
    };
    let (kind, source) = source(&attrs, &names, &own_name);
    let target = quote!(::headwater_sdk::def::task_target(#name, #source));
    let callers = emit::callers(&item, &checked, &names, &target, &kind);
    let body = emit::body(&item, &checked, &names);
    let run = run(&item, &checked, &names);
    let params = emit::params(&checked, &names);
    let definition = definition(&item, &attrs, &names, &name, &source);
    let surroundings = emit::surroundings(&item, &checked, &names, &name, Role::Task);
    let guard = emit::guard(Role::Task, &name, span);
    Ok(quote!(#callers #body #run #params #definition #surroundings #guard))
}

fn check_source(item: &Item, attrs: &Attrs, errors: &mut Errors) {
    let elsewhere = attrs.plugin.is_some() || attrs.image.is_some() || attrs.program.is_some() || attrs.wasm.is_some();
    match &item.body {
        None if !elsewhere => {
            let message = "a task without a body says what runs in its place: `plugin = \"…\"`, `image = \"…\"`, `program = […]` or `wasm = \"…\"`";
            errors.add(item.sig.ident.span(), message);
        }
        Some(block) if elsewhere => {
            errors.add(
                block.span(),
                "a task of a plugin, an image, a program or a WASI command has no body: end it with `;`",
            );
        }
        _ => {}
    }
}

/// A WASI command reads one argument at most: the one that nothing names.
fn check_stdin(attrs: &Attrs, checked: &Checked, errors: &mut Errors) {
    if attrs.wasm.is_none() || attrs.json_on_stdin {
        return;
    }
    let named = |name: &str| {
        let name = format!("{{{name}}}");
        attrs.args.iter().chain(attrs.env.iter().map(|(_, value)| value)).any(|text| text.contains(&name))
    };
    for param in checked.params.iter().filter(|param| !named(&item::name(&param.ident))).skip(1) {
        let name = item::name(&param.ident);
        let message = format!(
            "one argument goes to standard input, and another one does already: name this one in `args`, as `\"{{{name}}}\"`, or say `json_on_stdin = true`"
        );
        errors.add(param.ident.span(), message);
    }
}

/// The call's kind and what runs the task.
fn source(attrs: &Attrs, names: &Names, own_name: &str) -> (TokenStream, TokenStream) {
    let kind = |name: &str| {
        let name = quote::format_ident!("{name}");
        quote!(::headwater_sdk::call::kind::#name)
    };
    if let Some(plugin) = &attrs.plugin {
        let task = attrs.name.as_ref().map_or(own_name, |(name, _)| name);
        return (kind("Task"), quote!(::headwater_sdk::def::BodyDef::Plugin(#plugin, #task)));
    }
    if let Some(image) = &attrs.image {
        let container = container(attrs, image);
        return (
            kind("Container"),
            quote!(::headwater_sdk::def::BodyDef::Started(|| ::headwater_sdk::def::container(#container))),
        );
    }
    if let Some(argv) = &attrs.program {
        let env = attrs.env.iter().map(|(name, value)| quote!((#name, #value)));
        let (folder, stdin) = (emit::option(&attrs.working_dir), attrs.json_on_stdin);
        let program = quote!(::headwater_sdk::def::program(&[#(#argv),*], &[#(#env),*], #folder, #stdin));
        return (kind("Program"), quote!(::headwater_sdk::def::BodyDef::Started(|| #program)));
    }
    if let Some(name) = &attrs.wasm {
        return (kind("Program"), command(attrs, name));
    }
    let run = &names.run;
    (kind("Task"), quote!(::headwater_sdk::def::BodyDef::Here(#run)))
}

/// A WASI command: a program with a mark before its name.
fn command(attrs: &Attrs, name: &str) -> TokenStream {
    let argv = std::iter::once(format!("wasm:{name}")).chain(attrs.args.iter().cloned());
    let env = attrs.env.iter().map(|(name, value)| quote!((#name, #value)));
    let codes = |codes: &Option<Vec<i32>>, usual: &[i32]| {
        let codes = codes.as_deref().unwrap_or(usual);
        quote!(&[#(#codes),*])
    };
    let (success, skip, retry) =
        (codes(&attrs.success_codes, &[0]), codes(&attrs.skip_codes, &[]), codes(&attrs.retry_codes, &[]));
    let stdin = attrs.json_on_stdin;
    quote!(::headwater_sdk::def::BodyDef::Started(|| ::headwater_sdk::def::command(
        &[#(#argv),*], &[#(#env),*], #stdin, #success, #skip, #retry
    )))
}

/// The container, by the same builder that users have.
fn container(attrs: &Attrs, image: &str) -> TokenStream {
    let list = |key: &str, items: &Option<Vec<String>>| {
        let key = quote::format_ident!("{key}");
        items.as_ref().map(|items| quote!(.#key([#(#items),*] as [&str; _])))
    };
    let codes = |key: &str, codes: &Option<Vec<i32>>| {
        let key = quote::format_ident!("{key}");
        codes.as_ref().map(|codes| quote!(.#key([#(#codes),*])))
    };
    let text = |key: &str, text: &Option<String>| {
        let key = quote::format_ident!("{key}");
        text.as_ref().map(|text| quote!(.#key(#text)))
    };
    let parts = [
        list("command", &attrs.command),
        list("entrypoint", &attrs.entrypoint),
        text("workdir", &attrs.working_dir),
        text("user", &attrs.user),
        text("network", &attrs.network),
        text("platform", &attrs.platform),
        codes("success_codes", &attrs.success_codes),
        codes("skip_codes", &attrs.skip_codes),
        codes("retry_codes", &attrs.retry_codes),
        attrs.cpus.map(|cpus| quote!(.cpus(#cpus))),
        attrs.memory.map(|bytes| quote!(.memory(#bytes))),
        attrs.pull.map(pull),
    ];
    let parts = parts.iter().flatten();
    let env = attrs.env.iter().map(|(name, value)| quote!(.env(#name, #value)));
    quote!(::headwater_sdk::docker::Docker::image(#image) #(#parts)* #(#env)*)
}

fn pull(policy: &str) -> TokenStream {
    let policy = match policy {
        "always" => quote!(Always),
        "never" => quote!(Never),
        _ => quote!(IfNotPresent),
    };
    quote!(.pull(::headwater_sdk::docker::Pull::#policy))
}

fn run(item: &Item, checked: &Checked, names: &Names) -> TokenStream {
    if item.body.is_none() {
        return TokenStream::new();
    }
    let (run, body, codec, take) = (&names.run, &names.body, &names.result, emit::take(checked, names));
    let idents = checked.params.iter().map(|param| &param.ident);
    let future = match item.sig.asyncness {
        Some(_) => quote!(#body(#(#idents),*)),
        None => quote!(async move { #body(#(#idents),*) }),
    };
    // In the place of the return type: there an error that is none is reported.
    let end = quote_spanned!(checked.returns.span()=> ::headwater_sdk::def::run_body(__body, #codec.encode));
    quote! {
        #[doc(hidden)]
        fn #run(__input: &str) -> ::std::result::Result<::std::string::String, ::headwater_sdk::def::Failure> {
            #take
            let __body = #future;
            #end
        }
    }
}

fn definition(item: &Item, attrs: &Attrs, names: &Names, name: &str, source: &TokenStream) -> TokenStream {
    let (vis, def, params) = (&item.vis, &names.definition, &names.params);
    let (own_name, description, codec) = (item.name(), item.description(), &names.result);
    let grants = attrs.grants.iter().map(grant);
    let (retry, timeout) = (emit::retry(attrs), emit::option(&attrs.timeout));
    let cache = match attrs.cache_for {
        None => quote!(No),
        Some(None) => quote!(ForEver),
        Some(Some(ttl)) => quote!(For(#ttl)),
    };
    let at_most_once = emit::option(&attrs.on_crash.map(|what| what == "fail"));
    let tags = &attrs.tags;
    quote! {
        #[doc(hidden)]
        #vis const #def: ::headwater_sdk::def::TaskDef = ::headwater_sdk::def::TaskDef {
            path: ::std::concat!(::std::module_path!(), "::", #own_name),
            name: #name,
            description: #description,
            parameters: #params,
            returns: #codec.schema,
            body: #source,
            grants: &[#(#grants),*],
            retry: #retry,
            timeout: #timeout,
            cache: ::headwater_sdk::def::CacheDef::#cache,
            at_most_once: #at_most_once,
            tags: &[#(#tags),*],
        };
    }
}

fn grant(grant: &Grant) -> TokenStream {
    let grant = match grant {
        Grant::Http(host) => quote!(Http(#host)),
        Grant::Dir(dir, write) => quote!(Dir(#dir, #write)),
        Grant::Env(name) => quote!(Env(#name)),
        Grant::Secret(name) => quote!(Secret(#name)),
        Grant::Clock => quote!(Clock),
    };
    quote!(::headwater_sdk::def::GrantDef::#grant)
}

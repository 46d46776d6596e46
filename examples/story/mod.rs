//! What the examples do, the same wherever they are pointed: a key is made, used, found again and given up.

use futures_util::TryStreamExt as _;
use polykms::Client;
use polykms::client::{Kind, Result};

/// Tells it line by line.
///
/// # Errors
/// Those of the calls.
pub(crate) async fn story(url: &str, tell: &mut (dyn FnMut(String) + Send)) -> Result<()> {
    let client = Client::connect(url).await?;
    tell(format!("connected: {client:?}"));
    let me = client.whoami().await?;
    tell(format!("asking as {}", me.arn));

    let made = client
        .keys()
        .create()
        .with(|key| {
            key.description = Some("of an example".to_owned());
            key.tags.insert("Project".to_owned(), "Apollo".to_owned());
            key.tag_keys.push("Project".to_owned());
        })
        .await?;
    let key = client.key(&made.id);
    tell("a key was made".to_owned());

    // What is small is encrypted by the key itself, bound to what it belongs to.
    let sealed = key.encrypt("attack at dawn").context([("tenant", "7")]).await?;
    let opened = key.decrypt(sealed.blob.clone()).context([("tenant", "7")]).await?;
    assert_eq!(opened.plaintext.expose(), b"attack at dawn");
    tell("what it encrypted opens again".to_owned());
    match key.decrypt(sealed.blob).context([("tenant", "8")]).await {
        Ok(_) => panic!("it must not open for another tenant"),
        Err(error) => tell(format!("and not for another tenant: {:?}", error.kind())),
    }

    // What is large is encrypted here, by a data key that the key keeps.
    let fresh = key.data_key().await?;
    let again = key.decrypt(fresh.encrypted.blob).await?;
    assert_eq!(fresh.plaintext.expose(), again.plaintext.expose());
    tell(format!("a data key of {} bytes is told again", again.plaintext.expose().len()));

    let alias = format!("example-{}", made.id.trim_start_matches("key-"));
    key.create_alias(&alias).await?;
    let by_alias = client.key(format!("alias/{alias}")).describe().await?;
    assert_eq!(by_alias.id, made.id);
    tell("it goes by an alias, too".to_owned());

    let listed: Vec<_> = client.keys().list().try_collect().await?;
    assert!(listed.iter().any(|listed| listed.id == made.id));
    let tags: Vec<_> = key.tags().try_collect().await?;
    assert!(tags.contains(&("Project".to_owned(), "Apollo".to_owned())));
    tell("it is on the list, with its tags".to_owned());

    key.disable().await?;
    match key.encrypt("too late").await {
        Err(error) if error.kind() == Kind::State => tell("switched off, it encrypts nothing".to_owned()),
        other => panic!("a key that is switched off: {other:?}"),
    }
    key.enable().await?;
    client.keys().delete_alias(&alias).await?;
    key.schedule_deletion(7).await?;
    assert_eq!(client.key(&made.id).encrypt("gone").await.map(drop).unwrap_err().kind(), Kind::State);
    tell("it will be deleted in a week".to_owned());
    Ok(())
}

/// The URL that an example is pointed to: its first argument, a variable, or its own.
pub(crate) fn url(own: &str) -> String {
    std::env::args().nth(1).or_else(|| std::env::var("POLYKMS_ENDPOINT").ok()).unwrap_or_else(|| own.to_owned())
}

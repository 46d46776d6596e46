//! `key`: the keys of an account, and what they do.

use std::fs::File;
use std::io::{IsTerminal as _, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use polykms_core::key::Described;
use polykms_core::port::Time;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::Failure;
use super::{Place, Table, Told, pair, rows};
use crate::Client;
use crate::client::{Envelope, Error, Kind, Result};

/// Work with the keys of an account.
#[derive(Debug, clap::Args)]
pub(crate) struct Key {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List all keys
    List,
    /// Make a key that encrypts and decrypts
    Create {
        /// Words about it
        #[arg(long)]
        description: Option<String>,
        /// A tag; may be given again
        #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = pair)]
        tags: Vec<(String, String)>,
    },
    /// Tell what a key is
    Show(Named),
    /// Switch a key on
    Enable(Named),
    /// Switch a key off
    Disable(Named),
    /// Have a key deleted in some days; what it encrypted is lost then
    Delete {
        #[command(flatten)]
        key: Named,
        /// In how many days
        #[arg(long, default_value_t = 30)]
        days: u32,
    },
    /// Have a key not deleted after all
    Restore(Named),
    /// Tell the policy of a key, or replace it by a file
    Policy {
        #[command(flatten)]
        key: Named,
        /// The file with the new policy
        #[arg(long, value_name = "FILE")]
        put: Option<PathBuf>,
    },
    /// List all aliases
    Aliases,
    /// Make an alias for a key
    Alias {
        /// The alias
        alias: String,
        #[command(flatten)]
        key: Named,
    },
    /// Encrypt what is small; prints base64
    Encrypt(Bound),
    /// Decrypt base64 that `encrypt` printed
    Decrypt(Bound),
    /// Encrypt data of any size under this key, and under those of other places
    Seal {
        #[command(flatten)]
        through: Through,
        /// Another key that opens it, too; may be given again
        #[arg(long = "also", value_name = "URL KEY", num_args = 2)]
        also: Vec<String>,
    },
    /// Decrypt what `seal` made
    Open(Through),
}

/// A key.
#[derive(Debug, clap::Args)]
struct Named {
    /// The key: its identifier, its full name, or an alias
    key: String,
}

/// What is encrypted or decrypted.
#[derive(Debug, clap::Args)]
struct Bound {
    #[command(flatten)]
    key: Named,
    /// A pair that the ciphertext is bound to; may be given again
    #[arg(long = "context", value_name = "NAME=VALUE", value_parser = pair)]
    context: Vec<(String, String)>,
    /// Where it is read from, instead of standard input
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
}

/// What passes by.
#[derive(Debug, clap::Args)]
struct Through {
    #[command(flatten)]
    bound: Bound,
    /// Where it is written to
    #[arg(long = "out", value_name = "FILE")]
    output: PathBuf,
}

impl Key {
    /// Does what is asked.
    ///
    /// # Errors
    /// [`Failure::Failed`] with what the other side says.
    pub(crate) fn run(self, out: &mut dyn Write) -> std::result::Result<(), Failure> {
        let Self { place, command } = self;
        place.ask(out, |client| command.done(client))
    }
}

impl Command {
    async fn done(self, client: Client) -> Result<Told> {
        let key = |named: &Named| client.key(&named.key);
        match self {
            Self::List => {
                rows(Table::new(&["id", "name"]), client.keys().list(), |entry| vec![entry.id, entry.arn]).await
            }
            Self::Create { description, tags } => {
                let made = client.keys().create().with(|op| {
                    op.description = description;
                    op.tag_keys = tags.iter().map(|(name, _)| name.clone()).collect();
                    op.tags = tags.into_iter().collect();
                });
                Ok(shown(made.await?).into())
            }
            Self::Show(named) => Ok(shown(key(&named).describe().await?).into()),
            Self::Enable(named) => Ok(key(&named).enable().await?.into()),
            Self::Disable(named) => Ok(key(&named).disable().await?.into()),
            Self::Delete { key: named, days } => {
                key(&named).schedule_deletion(days).await?;
                Ok(shown(key(&named).describe().await?).into())
            }
            Self::Restore(named) => {
                key(&named).cancel_deletion().await?;
                Ok(Told::Done)
            }
            Self::Policy { key: named, put: None } => {
                Ok(Told::Bytes(format!("{}\n", key(&named).policy().await?.document).into_bytes()))
            }
            Self::Policy { key: named, put: Some(file) } => Ok(key(&named).put_policy(text(&file)?).await?.into()),
            Self::Aliases => {
                let row = |alias: polykms_core::key::AliasOf| vec![alias.name, alias.key_id.unwrap_or_default()];
                rows(Table::new(&["alias", "key"]), client.keys().aliases(), row).await
            }
            Self::Alias { alias, key: named } => Ok(key(&named).create_alias(&alias).await?.into()),
            Self::Encrypt(Bound { key: named, context, input }) => {
                let sealed = key(&named).encrypt(small(input.as_deref())?).context(context).await?;
                Ok(Told::Bytes(format!("{}\n", BASE64.encode(sealed.blob)).into_bytes()))
            }
            Self::Decrypt(Bound { key: named, context, input }) => {
                let sealed = BASE64.decode(small(input.as_deref())?.trim_ascii());
                let sealed = sealed.map_err(|_| Kind::Invalid.because("what is to be decrypted is not base64"))?;
                let opened = key(&named).decrypt(sealed).context(context).await?;
                Ok(Told::Bytes(opened.plaintext.expose().to_vec()))
            }
            Self::Seal { through: Through { bound, output }, also } => {
                let Bound { key: named, context, input } = bound;
                let mut envelope = Envelope::new().to(&client, &named.key).context(context)?;
                for place in also.chunks_exact(2) {
                    if let [url, key] = place {
                        envelope = envelope.to(&Client::connect(url).await?, key);
                    }
                }
                sealed(&envelope, input.as_deref(), &output).await
            }
            Self::Open(Through { bound: Bound { key: named, context, input }, output }) => {
                let envelope = Envelope::new().to(&client, &named.key).context(context)?;
                opened(&envelope, input.as_deref(), &output).await
            }
        }
    }
}

fn shown(key: Described) -> Table {
    let Described { id, arn, state, spec, description, created_at, deletion_at, .. } = key;
    let told = |time: Time| format!("{time:.0}");
    Table::new(&["id", "state", "spec", "created", "deleted", "name", "description"]).row(vec![
        id,
        format!("{state:?}"),
        format!("{spec:?}"),
        told(created_at),
        deletion_at.map(told).unwrap_or_default(),
        arn.to_string(),
        description,
    ])
}

fn text(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(|error| unusable(file, &error))
}

/// The longest input that is encrypted by a key itself, in base64.
const SMALL: u64 = 64 * 1024;

/// All of a small input.
fn small(file: Option<&Path>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = match file {
        Some(file) => File::open(file).and_then(|file| file.take(SMALL + 1).read_to_end(&mut bytes)),
        None => std::io::stdin().take(SMALL + 1).read_to_end(&mut bytes),
    };
    read.map_err(|error| unusable(file.unwrap_or(Path::new("-")), &error))?;
    match bytes.len() as u64 > SMALL {
        true => Err(Kind::Invalid.because("that is too much for a key").hinting("`polykms key seal` takes any size")),
        false => Ok(bytes),
    }
}

fn unusable(file: &Path, error: &std::io::Error) -> Error {
    Kind::Config.because(format!("`{}` cannot be used: {error}", file.display()))
}

/// A file, or standard input, as a stream. Files are read and written without further threads: nothing else is going on.
struct Plain<T>(T);

impl<T: Read + Unpin> AsyncRead for Plain<T> {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        let read = self.0.read(buffer.initialize_unfilled())?;
        buffer.advance(read);
        std::task::Poll::Ready(Ok(()))
    }
}

impl<T: Write + Unpin> AsyncWrite for Plain<T> {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        std::task::Poll::Ready(self.0.write(bytes))
    }

    fn poll_flush(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(self.0.flush())
    }

    fn poll_shutdown(
        self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        self.poll_flush(cx)
    }
}

/// An input and how long it is, as far as that is known.
fn reader(file: Option<&Path>) -> Result<(Box<dyn Read + Unpin>, u64)> {
    match file {
        None => Ok((Box::new(std::io::stdin()), 0)),
        Some(path) => {
            let file = File::open(path).map_err(|error| unusable(path, &error))?;
            let length = file.metadata().map(|about| about.len()).unwrap_or_default();
            Ok((Box::new(file), length))
        }
    }
}

/// Writes to a file that has its name once it is whole.
async fn whole<F>(output: &Path, write: impl FnOnce(File) -> F) -> Result<Told>
where
    F: Future<Output = Result<()>>,
{
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let draft = tempfile::NamedTempFile::new_in(folder).map_err(|error| unusable(output, &error))?;
    write(draft.reopen().map_err(|error| unusable(output, &error))?).await?;
    draft.persist(output).map_err(|error| unusable(output, &error.error))?;
    Ok(Told::Done)
}

async fn sealed(envelope: &Envelope, input: Option<&Path>, output: &Path) -> Result<Told> {
    let (mut from, length) = reader(input)?;
    whole(output, |to| async move {
        let mut sealing = envelope.sealing(length, Plain(to)).await?;
        let (mut buffer, mut progress) = (vec![0; 128 * 1024], Progress::new(length));
        loop {
            let read = from.read(&mut buffer).map_err(|error| unusable(input.unwrap_or(Path::new("-")), &error))?;
            let Some(more) = buffer.get(..read).filter(|more| !more.is_empty()) else { break };
            sealing.write(more).await?;
            progress.advance(more.len());
        }
        sealing.finish().await.map(drop)
    })
    .await
}

async fn opened(envelope: &Envelope, input: Option<&Path>, output: &Path) -> Result<Told> {
    let (from, length) = reader(input)?;
    whole(output, |mut to| async move {
        let mut opening = envelope.opening(Plain(from)).await?;
        let mut progress = Progress::new(length);
        while let Some(plain) = opening.next().await? {
            to.write_all(plain).map_err(|error| unusable(output, &error))?;
            progress.advance(plain.len());
        }
        to.sync_all().map_err(|error| unusable(output, &error))
    })
    .await
}

/// How far it has come, on a terminal.
struct Progress {
    whole: u64,
    done: u64,
    told: Option<u64>,
}

impl Progress {
    fn new(whole: u64) -> Self {
        let told = (whole > 0 && std::io::stderr().is_terminal()).then_some(0);
        Self { whole, done: 0, told }
    }

    fn advance(&mut self, bytes: usize) {
        self.done += bytes as u64;
        let percent = (self.done.saturating_mul(100) / self.whole.max(1)).min(100);
        if self.told.is_some_and(|told| percent > told) {
            self.told = Some(percent);
            let _ = write!(std::io::stderr(), "\r{percent:3} %{}", if percent == 100 { "\n" } else { "" });
        }
    }
}

//! The rules of keys that authenticate, sign, encrypt to a public half, or agree.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use polykms_core::error::{Flaw, Kind};
use polykms_core::port::Crypto;
use polykms_core::port::crypto::{
    Agree, Authenticate, Cipher, Encryption, Handle, Sign, Signable, Signing, Spec, Wrapping,
};
use polykms_core::secret::Material;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::{Arc, SEAT, done, every_flip, generated, load, other_lengths, random, require_refusal};

const MESSAGE: &[u8] = b"polykms";

const PAIRS: [Spec; 8] = [
    Spec::Rsa2048,
    Spec::Rsa3072,
    Spec::Rsa4096,
    Spec::EccP256,
    Spec::EccP384,
    Spec::EccP521,
    Spec::EccP256k1,
    Spec::Ed25519,
];

const CODES: [(Spec, usize); 4] = [(Spec::Hmac224, 28), (Spec::Hmac256, 32), (Spec::Hmac384, 48), (Spec::Hmac512, 64)];

/// What OpenSSL made, by spec and name.
fn openssl(spec: Spec, name: impl std::fmt::Debug) -> Vec<u8> {
    let start = format!("{spec:?} {} ", format!("{name:?}").trim_matches('"'));
    let line = include_str!("openssl.txt").lines().find_map(|line| line.strip_prefix(&start));
    STANDARD.decode(line.unwrap_or_else(|| panic!("there is no {start}"))).unwrap()
}

fn imported(crypto: &dyn Crypto, spec: Spec, material: Vec<u8>) -> Arc<Handle> {
    let sealed = done(crypto.import(spec, SEAT, Material::new(material))).unwrap();
    load(crypto, spec, SEAT, &sealed).unwrap()
}

/// The key of OpenSSL.
fn known(crypto: &dyn Crypto, spec: Spec) -> Arc<Handle> {
    imported(crypto, spec, openssl(spec, "private"))
}

fn authenticates(key: &Handle) -> &dyn Authenticate {
    key.authenticate.as_deref().unwrap()
}

fn signs(key: &Handle) -> &dyn Sign {
    key.sign.as_deref().unwrap()
}

fn ciphers(key: &Handle) -> &dyn Cipher {
    key.cipher.as_deref().unwrap()
}

fn agrees(key: &Handle) -> &dyn Agree {
    key.agree.as_deref().unwrap()
}

/// The digest that an algorithm signs.
fn digest_of(algorithm: Signing, message: &[u8]) -> Option<Vec<u8>> {
    let hash = match algorithm.digest()? {
        32 => &digest::SHA256,
        48 => &digest::SHA384,
        _ => &digest::SHA512,
    };
    Some(digest::digest(hash, message).as_ref().to_vec())
}

/// Codes are those of RustCrypto, for keys and messages of all kinds.
pub fn a_code_is_that_of_an_independent_implementation(crypto: &dyn Crypto) {
    fn oracle<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
        let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    }
    for (spec, length) in CODES {
        for message in [0, 1, 63, 64, 65, 4096].map(random) {
            let material = random(length);
            let expected = match spec {
                Spec::Hmac224 => oracle::<Hmac<Sha224>>(&material, &message),
                Spec::Hmac256 => oracle::<Hmac<Sha256>>(&material, &message),
                Spec::Hmac384 => oracle::<Hmac<Sha384>>(&material, &message),
                _ => oracle::<Hmac<Sha512>>(&material, &message),
            };
            let key = imported(crypto, spec, material);
            assert_eq!(authenticates(&key).code(&message).unwrap(), expected, "{spec:?}");
            assert!(authenticates(&key).verify(&message, &expected).unwrap(), "{spec:?}");
        }
    }
}

/// Neither a code with any bit or length of its own, nor that of another message or key, is one.
pub fn a_code_fits_its_own_message_alone(crypto: &dyn Crypto) {
    for (spec, length) in CODES {
        let [key, another] = [0, 1].map(|_| imported(crypto, spec, random(length)));
        let code = authenticates(&key).code(MESSAGE).unwrap();
        assert!(authenticates(&key).verify(MESSAGE, &code).unwrap());
        for (bit, flipped) in every_flip(&code) {
            assert!(!authenticates(&key).verify(MESSAGE, &flipped).unwrap(), "{spec:?}: bit {bit}");
        }
        for other in other_lengths(&code).into_iter().filter(|other| *other != code) {
            assert!(!authenticates(&key).verify(MESSAGE, &other).unwrap(), "{spec:?}: {} bytes", other.len());
        }
        assert!(!authenticates(&key).verify(b"polykms ", &code).unwrap(), "{spec:?}");
        assert!(!authenticates(&another).verify(MESSAGE, &code).unwrap(), "{spec:?}");
    }
}

/// What OpenSSL signed is verified by every algorithm of every spec; what deterministic algorithms sign is the same.
pub fn a_signature_is_that_of_openssl(crypto: &dyn Crypto) {
    for spec in PAIRS {
        let key = known(crypto, spec);
        for algorithm in spec.signing() {
            let theirs = openssl(spec, algorithm);
            assert!(
                signs(&key).verify(*algorithm, Signable::Message(MESSAGE), &theirs).unwrap(),
                "{spec:?} {algorithm:?}"
            );
            let ours = signs(&key).sign(*algorithm, Signable::Message(MESSAGE)).unwrap();
            let pkcs1 = [Signing::RsaPkcs1Sha256, Signing::RsaPkcs1Sha384, Signing::RsaPkcs1Sha512];
            let is_fixed = pkcs1.contains(algorithm) || *algorithm == Signing::Ed25519;
            assert_eq!(ours == theirs, is_fixed, "{spec:?} {algorithm:?}");
        }
    }
}

/// Neither a signature with any other bit or length, nor that of another message, algorithm or key, is one.
pub fn a_signature_fits_its_own_message_alone(crypto: &dyn Crypto) {
    for spec in PAIRS {
        let key = known(crypto, spec);
        for algorithm in spec.signing() {
            let signature = signs(&key).sign(*algorithm, Signable::Message(MESSAGE)).unwrap();
            let fits = |message, signature: &[u8]| {
                signs(&key).verify(*algorithm, Signable::Message(message), signature).unwrap()
            };
            assert!(fits(MESSAGE, &signature), "{spec:?} {algorithm:?}");
            assert!(!fits(b"polykms ", &signature) && !fits(b"", &signature), "{spec:?} {algorithm:?}");
            // Every bit of short ones, and some of long ones.
            let step = signature.len().div_ceil(80);
            for (bit, flipped) in every_flip(&signature).step_by(step) {
                assert!(!fits(MESSAGE, &flipped), "{spec:?} {algorithm:?}: bit {bit}");
            }
            for other in [&[][..], &signature[1..], &signature[..signature.len() - 1], &[&signature[..], &[0]].concat()]
            {
                assert!(!fits(MESSAGE, other), "{spec:?} {algorithm:?}: {} bytes", other.len());
            }
            for other in spec.signing().iter().filter(|other| *other != algorithm) {
                let verified = signs(&key).verify(*other, Signable::Message(MESSAGE), &signature);
                assert!(!verified.unwrap(), "{spec:?}: {algorithm:?} as {other:?}");
            }
            let foreign = Signing::ALL.into_iter().find(|other| !spec.signing().contains(other)).unwrap();
            let refused = signs(&key).sign(foreign, Signable::Message(MESSAGE)).unwrap_err();
            assert_eq!(refused.kind(), Kind::InvalidUsage, "{spec:?} {foreign:?}");
        }
    }
    let another = load(crypto, Spec::EccP256, SEAT, &generated(crypto, Spec::EccP256)).unwrap();
    let theirs = openssl(Spec::EccP256, Signing::EcdsaSha256);
    assert!(!signs(&another).verify(Signing::EcdsaSha256, Signable::Message(MESSAGE), &theirs).unwrap());
    for spec in [Spec::Rsa2048, Spec::Rsa3072, Spec::Rsa4096] {
        let salted = openssl(spec, "salt");
        let fits = signs(&known(crypto, spec)).verify(Signing::RsaPssSha256, Signable::Message(MESSAGE), &salted);
        assert!(!fits.unwrap(), "{spec:?}: a salt of another length than the digest");
    }
}

/// The digest of a message stands for it in both directions, and has the length of its hash.
pub fn a_digest_is_signed_as_its_message(crypto: &dyn Crypto) {
    for spec in PAIRS {
        let key = known(crypto, spec);
        for algorithm in spec.signing() {
            let Some(digest) = digest_of(*algorithm, MESSAGE) else {
                let refused = signs(&key).sign(*algorithm, Signable::Digest(&[0; 64])).unwrap_err();
                assert_eq!(refused.kind(), Kind::InvalidUsage, "{spec:?} {algorithm:?}");
                continue;
            };
            let (whole, hashed) = (Signable::Message(MESSAGE), Signable::Digest(&digest));
            for (signed, verified) in [(whole, hashed), (hashed, whole)] {
                let signature = signs(&key).sign(*algorithm, signed).unwrap();
                assert!(signs(&key).verify(*algorithm, verified, &signature).unwrap(), "{spec:?} {algorithm:?}");
            }
            for other in [&digest[1..], &[&digest[..], &[0]].concat(), &[]] {
                let refused = signs(&key).sign(*algorithm, Signable::Digest(other)).unwrap_err();
                assert_eq!(refused.kind(), Kind::Invalid(Flaw::Length), "{spec:?} {algorithm:?}");
            }
        }
    }
}

/// Plaintexts up to the longest one that fits, of which none is encrypted to the same bytes twice.
pub fn what_is_encrypted_to_a_public_key_is_decrypted(crypto: &dyn Crypto) {
    for spec in [Spec::Rsa2048, Spec::Rsa3072, Spec::Rsa4096] {
        let key = known(crypto, spec);
        for algorithm in spec.encryption() {
            let most = algorithm.most(spec).unwrap();
            for plaintext in [0, 1, 32, most - 1, most].map(random) {
                let [one, two] = [0, 1].map(|_| ciphers(&key).encrypt(*algorithm, &plaintext).unwrap());
                assert!(one != two && Some(one.len()) == spec.modulus(), "{spec:?} {algorithm:?}");
                assert!(
                    ciphers(&key).decrypt(*algorithm, &one).unwrap().expose() == plaintext,
                    "{spec:?} {algorithm:?}"
                );
            }
            let refused = ciphers(&key).encrypt(*algorithm, &random(most + 1)).unwrap_err();
            assert_eq!(refused.kind(), Kind::Invalid(Flaw::Length), "{spec:?} {algorithm:?}");
        }
        let refused = ciphers(&key).encrypt(Encryption::Symmetric, b"").unwrap_err();
        assert_eq!(refused.kind(), Kind::InvalidUsage);
    }
}

/// What OpenSSL encrypted to the public key opens by its own algorithm, and fails by any other in the one way.
pub fn a_ciphertext_is_one_of_openssl(crypto: &dyn Crypto) {
    for spec in [Spec::Rsa2048, Spec::Rsa3072, Spec::Rsa4096] {
        let key = known(crypto, spec);
        for algorithm in spec.encryption() {
            let ciphertext = openssl(spec, algorithm);
            assert_eq!(ciphers(&key).decrypt(*algorithm, &ciphertext).unwrap().expose(), MESSAGE);
            let other = spec.encryption().iter().find(|other| *other != algorithm).unwrap();
            require_refusal(ciphers(&key).decrypt(*other, &ciphertext), "a ciphertext of another algorithm");
            require_refusal(ciphers(&key).decrypt(*algorithm, &openssl(spec, "mixed")), "a ciphertext of two hashes");
            for (bit, flipped) in every_flip(&ciphertext).step_by(101) {
                require_refusal(ciphers(&key).decrypt(*algorithm, &flipped), &format!("bit {bit}"));
            }
            for other in [&[][..], &ciphertext[1..], &[&ciphertext[..], &[0]].concat()] {
                require_refusal(ciphers(&key).decrypt(*algorithm, other), &format!("{} bytes", other.len()));
            }
        }
    }
}

/// Both have the secret that OpenSSL finds, as long as the field; other curves and junk are no public keys.
pub fn a_shared_secret_is_that_of_openssl(crypto: &dyn Crypto) {
    let curves = [(Spec::EccP256, 32), (Spec::EccP384, 48), (Spec::EccP521, 66)];
    for (spec, length) in curves {
        let key = known(crypto, spec);
        let secret = agrees(&key).agree(&openssl(spec, "peer")).unwrap();
        assert!(secret.expose() == openssl(spec, "shared") && secret.expose().len() == length, "{spec:?}");
        let another = load(crypto, spec, SEAT, &generated(crypto, spec)).unwrap();
        let [one, two] = [(&key, &another), (&another, &key)]
            .map(|(own, other)| agrees(own).agree(other.public.as_deref().unwrap()).unwrap());
        assert!(one.expose() == two.expose(), "{spec:?}");
        let foreign = curves.into_iter().find(|(other, _)| *other != spec).map(|(other, _)| openssl(other, "public"));
        for wrong in [
            foreign.unwrap(),
            openssl(Spec::Rsa2048, "public"),
            openssl(Spec::EccP256k1, "public"),
            vec![],
            vec![0; 91],
        ] {
            assert!(matches!(agrees(&key).agree(&wrong).unwrap_err().kind(), Kind::Invalid(_)), "{spec:?}");
        }
    }
}

/// The public half of a key is told as OpenSSL tells it.
pub fn a_public_key_is_that_of_openssl(crypto: &dyn Crypto) {
    for spec in PAIRS {
        assert_eq!(known(crypto, spec).public.as_deref(), Some(&*openssl(spec, "public")), "{spec:?}");
    }
}

/// The private half of a pair is taken as what it is, and nothing else as one.
pub fn a_pair_of_another_kind_is_refused(crypto: &dyn Crypto) {
    for spec in PAIRS {
        let own = openssl(spec, "private");
        let mut others: Vec<_> =
            PAIRS.into_iter().filter(|other| *other != spec).map(|other| openssl(other, "private")).collect();
        others.extend([vec![], vec![0; 32], own[..own.len() - 1].to_vec(), openssl(spec, "public")]);
        for other in others {
            let refused = done(crypto.import(spec, SEAT, Material::new(other))).unwrap_err();
            assert!(matches!(refused.kind(), Kind::Invalid(_)), "{spec:?}");
        }
    }
}

/// Pairs that are given out are whole, and no two are alike; keys that are no pairs are none.
pub fn a_pair_that_is_given_out_is_taken_in_again(crypto: &dyn Crypto) {
    // The longest pairs take seconds to make.
    for spec in PAIRS.into_iter().filter(|spec| !matches!(spec, Spec::Rsa3072 | Spec::Rsa4096)) {
        let [one, two] = [0, 1].map(|_| done(crypto.pair(spec)).unwrap());
        assert!(one.public != two.public && one.private.expose() != two.private.expose(), "{spec:?}");
        let key = imported(crypto, spec, one.private.expose().to_vec());
        assert_eq!(key.public.as_deref(), Some(&*one.public), "{spec:?}");
    }
    assert!(done(crypto.pair(Spec::Aes256)).is_err() && done(crypto.pair(Spec::Hmac256)).is_err());
}

fn received(crypto: &dyn Crypto, wrapping: Wrapping, wrapped: Vec<u8>) -> polykms_core::error::Result<Material> {
    done(crypto.receive(Material::new(openssl(Spec::Rsa2048, "private")), wrapping, wrapped))
}

/// What came in that name, and what is in it: a symmetric key by OAEP alone, a private half by a key that OAEP brings.
fn arriving(wrapping: Wrapping) -> (Vec<u8>, Vec<u8>) {
    let material = match wrapping {
        Wrapping::OaepSha1 | Wrapping::OaepSha256 => (0..32).collect(),
        Wrapping::AesKeyWrapSha1 | Wrapping::AesKeyWrapSha256 => openssl(Spec::EccP256, "private"),
    };
    (openssl(Spec::Rsa2048, format_args!("{wrapping:?}-arrives")), material)
}

/// What OpenSSL wrapped is opened.
pub fn material_arrives_in_every_wrapping(crypto: &dyn Crypto) {
    for wrapping in Wrapping::ALL {
        let (wrapped, material) = arriving(wrapping);
        assert!(received(crypto, wrapping, wrapped).unwrap().expose() == material, "{wrapping:?}");
    }
}

/// Whatever is wrong with what came in, nobody is told what.
pub fn what_does_not_unwrap_is_refused_in_one_way(crypto: &dyn Crypto) {
    for wrapping in Wrapping::ALL {
        let (own, _) = arriving(wrapping);
        let others = Wrapping::ALL.into_iter().filter(|other| *other != wrapping).map(|other| arriving(other).0);
        let mut wrong: Vec<Vec<u8>> = others.collect();
        wrong.extend([vec![], vec![0; 256], own[..own.len() - 1].to_vec(), [&own[..], &[0]].concat()]);
        for at in [0, 255, own.len() - 1] {
            let mut flipped = own.clone();
            flipped[at] ^= 1;
            wrong.push(flipped);
        }
        for wrapped in wrong {
            require_refusal(received(crypto, wrapping, wrapped), &format!("{wrapping:?}"));
        }
    }
    let short = openssl(Spec::Rsa2048, "under-128-bits");
    require_refusal(received(crypto, Wrapping::AesKeyWrapSha256, short), "an AES key of 128 bits");
    let no_key = done(crypto.receive(Material::new(vec![0; 9]), Wrapping::OaepSha1, vec![0; 256]));
    require_refusal(no_key, "no private half");
}

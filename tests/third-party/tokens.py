"""PyJWT verifies our access tokens by the published keys, and by nothing else."""

import jwt
from server import URL, login, revoke

token = login()["accessToken"]
keys = jwt.PyJWKClient(f"{URL}/.well-known/jwks.json")
key = keys.get_signing_key_from_jwt(token)

header = jwt.get_unverified_header(token)
assert header["typ"] == "at+jwt", header
assert header["alg"] == "EdDSA", header


def verify(token, **more):
    options = {"require": ["iss", "sub", "aud", "iat", "nbf", "exp", "jti"]}
    return jwt.decode(
        token,
        key.key,
        algorithms=["EdDSA"],
        audience="menshen",
        issuer="menshen",
        options=options,
        **more,
    )


claims = verify(token)
assert claims["username"] == "root", claims
assert claims["sub"] == str(claims["uid"]), claims
assert 0 < claims["exp"] - claims["iat"] <= 900, claims

head, body, signature = token.split(".")
forged = f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
try:
    verify(forged)
except jwt.InvalidSignatureError:
    pass
else:
    raise AssertionError("a forged token was taken")

revoke(token)
print(f"PyJWT {jwt.__version__}: good")

/// A self-signed certificate for `localhost` and 127.0.0.1 with its key; it protects nothing and expires in a century.
enum TestCertificate {
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBnDCCAUGgAwIBAgIUBBxUq0v1cePofvPAwykoRggVMSgwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjEyNTgzM1oYDzIxMjYxMDI5
        MTI1ODMzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAQvzGO7FFL4qglsG7yDsjA7FqegVhgN8bIEa6NlJd2KyU7kHMHXpb3S
        CnG980Bc4NUaFq0LITGvOS+dP+Jc/ZVZo28wbTAdBgNVHQ4EFgQUq4jWiP1MKVG2
        HRimfyJlVBkOTv8wHwYDVR0jBBgwFoAUq4jWiP1MKVG2HRimfyJlVBkOTv8wDwYD
        VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
        zj0EAwIDSQAwRgIhAMlqmFIBrC448hKrEgAX/w9WeLGp1wPUeiJDgmJMv1B5AiEA
        ozBIP0dLgTaHmeq6TLAlaMHZS2232ELYUCmUdXKgCUY=
        -----END CERTIFICATE-----
        """

    static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQggWg9mpW5RXZnyMMd
        6lfHESO8pqNkp3tJ/H6wesVnI/ChRANCAAQvzGO7FFL4qglsG7yDsjA7FqegVhgN
        8bIEa6NlJd2KyU7kHMHXpb3SCnG980Bc4NUaFq0LITGvOS+dP+Jc/ZVZ
        -----END PRIVATE KEY-----
        """
}

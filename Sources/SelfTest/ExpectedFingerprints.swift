/// What every machine computes, on any number of threads and every instruction set.
///
/// Made by `scripts/expected-fingerprints`, which refuses where this machine's instruction sets disagree. It is run only
/// when a change is meant to change the bits of training or of use, and the message of the commit says which and why:
/// whoever has stored a run finds that it goes on otherwise.
enum ExpectedFingerprints {
    static let table: [String: [SelfTest.Stage: String]] = [
        "RNN 24, one-hot, SGD": [
            .started: "bfc71a81b01add67",
            .gradients: "f4f49fe078a04aa3",
            .trained: "7a10d43f40e7cdd1",
            .scored: "0769dfedcf4efb00",
            .written: "1420c2d05be3be7e",
        ],
        "RNN 40 to 24, dropout, momentum": [
            .started: "ca6a5597fd4be875",
            .gradients: "6e0b835c8aad7456",
            .trained: "d9495e72b8c9652b",
            .scored: "6f70f911d07ffe1f",
            .written: "37734977860053b8",
        ],
        "GRU 48 and 33, Nesterov": [
            .started: "6c1adf7cc8dbb7b4",
            .gradients: "860a10781c8bc3bd",
            .trained: "152895c14f33eb8e",
            .scored: "87a8c902bbec0538",
            .written: "bc0292ce858ad0c0",
        ],
        "GRU 16 of the book, AdaGrad": [
            .started: "6217a276326db326",
            .gradients: "97b90f8bceb24657",
            .trained: "558fb8d2d475d948",
            .scored: "061cb17aef8eab4e",
            .written: "958fa37a844795ca",
        ],
        "LSTM 64, one-hot, RMSprop": [
            .started: "047d0889136db9a4",
            .gradients: "1f363610d9931e2f",
            .trained: "4698df8c67527958",
            .scored: "cc069f0803e0e550",
            .written: "9d062ced89a7cb02",
        ],
        "LSTM 2x128, dropout, Adam": [
            .started: "cf95a7cdbcaa8506",
            .gradients: "052853b9446afad2",
            .trained: "e33d06cabd32030a",
            .scored: "d3922d0be94ff559",
            .written: "fc2300c3f612cef6",
        ],
        "LSTM 40 to 20, GRU 24, RNN 16, AdamW": [
            .started: "ebff78176a9704d2",
            .gradients: "6a94355cc404d2bb",
            .trained: "a34f2b9dfa2c43fe",
            .scored: "2ed7962a61566f92",
            .written: "5a94e952a6aef642",
        ],
        "LSTM 2x256, wide steps": [
            .started: "d6eac51ae0b5d0a7",
            .gradients: "1b93b710908c429f",
            .trained: "668754a184f39cb1",
            .scored: "7cdbff703ebfcc71",
            .written: "3030d16eebe25a28",
        ],
        "LSTM 48, GRU 33, RNN 80, half precision": [
            .started: "56f22a73807fd71b",
            .gradients: "1d603c8a3321bcfe",
            .trained: "d2705d3252da9cda",
            .scored: "a9cacaeb188fdd94",
            .written: "7e3299fa7a8c3492",
        ],
        "LSTM 2x256, half precision": [
            .started: "b253901fda8c7df6",
            .gradients: "2a76611ffb098623",
            .trained: "b9edf5c327317c9b",
            .scored: "d26c47d5fbb8ef00",
            .written: "b406421e64458973",
        ],
        "GRU 350, wide steps": [
            .started: "32cc9f6f36a58527",
            .gradients: "88d89e8fdbd062f2",
            .trained: "1a376499e5eb71e0",
            .scored: "9a859b8ae30b8772",
            .written: "ed2283d4f4197004",
        ],
        "autoencoder, Adam": [
            .started: "dd3044576432e78a",
            .gradients: "03c391bd1b876d2d",
            .trained: "4349075c7e37d5c2",
            .scored: "6b9b9fef7b6d6999",
            .encoded: "ba3a26fcce2aca00",
            .decoded: "c2b7d5f58c57d6f6",
        ],
        "denoising autoencoder, AdamW": [
            .started: "657c4ae6499e665b",
            .gradients: "a591dda2e461e53d",
            .trained: "6ab4eb686cc05e85",
            .scored: "52beaf943966bdc1",
            .encoded: "9734e5c7b152575a",
            .decoded: "032187fc6eb70e44",
        ],
        "sparse autoencoder, RMSprop": [
            .started: "d94fe754d6963710",
            .gradients: "dd504d3579c87a69",
            .trained: "25109b214df0a342",
            .scored: "814968d68c02b621",
            .encoded: "cd13e702cf0d39c3",
            .decoded: "d3e086a41fb1e7f3",
        ],
        "variational autoencoder, Adam": [
            .started: "603c5a473c3b8e6a",
            .gradients: "9a593f9abb0b45dc",
            .trained: "ed5e49e27a9d3183",
            .scored: "c0080374fb1cd1e3",
            .encoded: "d2cb56c88f6c8e02",
            .decoded: "a9bfa11b27332fa9",
        ],
        "autoencoder of the book, momentum": [
            .started: "67aa18bece740862",
            .gradients: "a1063267d7fac569",
            .trained: "c75601d1c566c213",
            .scored: "71a4b05b3f28a4b9",
            .encoded: "def9db12cffa0e0f",
            .decoded: "8d30d3acca687aae",
        ],
    ]
}

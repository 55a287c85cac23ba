import CommandLineSupport
import Testing

/// What counts as a number, which no name server can make lead elsewhere, and what as this machine's own.
@Suite struct HostNameTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("127.0.0.1:8474", "127.0.0.1"), ("255.255.255.255:", "255.255.255.255"),
        ("[::1]", "::1"), ("[::1]:80", "::1"), ("[2001:DB8::5]:80", "2001:db8::5"),
        ("[::ffff:1.2.3.4]", "::ffff:1.2.3.4"),
    ]) func numbersOfRequests(authority: String, name: String) throws {
        let host = try #require(HostName(authority: authority))
        #expect(host.isNumber && host.name == name)
    }

    @Test(arguments: [
        "localhost", "evil.example:80", "127.0.0.1.evil.example", "1.2.3.4.evil.example:80", "evil.1.2.3.4",
        "1.2.3.4.5",
        "1.2.3", "1.2.3.256", "1.2.3.4.", "1..2.3.4", "+1.2.3.4", "01.2.3.4", "1.2.3.4\u{0}.evil.example", " 1.2.3.4",
    ]) func namesOfRequests(authority: String) {
        #expect(HostName(authority: authority)?.isNumber == false)
    }

    @Test(arguments: [
        "", "[", "[]", "[evil.example]", "[1.2.3.4]", "[::1].evil.example", "[::1", "[::1]evil", "[::1]:80.evil", "::1",
        "[[::1]]", "1.2.3.4:80.evil.example", "1.2.3.4:80:80", ":80",
    ]) func whatIsNoHost(authority: String) {
        #expect(HostName(authority: authority) == nil)
    }

    @Test(arguments: [
        ("localhost", true), ("LOCALHOST", true), ("127.0.0.1", true), ("127.200.3.4", true), ("::1", true),
        ("[::1]", true),
        ("0:0:0:0:0:0:0:1", true), ("0.0.0.0", false), ("::", false), ("127.0.0.1.evil.example", false),
        ("[127.0.0.1]", false),
        ("128.0.0.1", false), ("127.evil.example", false), ("localhost.evil.example", false), ("", false),
    ]) func whatOnlyThisMachineReaches(host: String, isLoopback: Bool) {
        #expect(HostName(host).isLoopback == isLoopback)
    }

    @Test func bracketsAreForAddressesOnly() {
        #expect(HostName("[::1]") == HostName("::1") && HostName("[::1]").name == "::1")
        #expect(HostName("::1").inAddress == "[::1]" && HostName("127.0.0.1").inAddress == "127.0.0.1")
    }
}

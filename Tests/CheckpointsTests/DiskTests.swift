import Testing

/// A disk that fails, and power that goes, in a process of their own: `DiskTrials` takes the place of the system's calls.
/// Each case can be seen again by the command that is printed with it.
@Suite struct DiskTests {
    private func trials(_ arguments: String...) throws -> (output: String, status: Int) {
        try Tool(named: "DiskTrials", arguments).wait()
    }

    /// In the middle of making a store, saving, exporting, replacing, removing, migrating, repairing, keeping texts and
    /// training; and again in the middle of what comes after.
    @Test func powerCutsLoseNothingThatWasPromised() throws {
        let result = try trials("cuts", "all", "20")
        #expect(result.status == 0 && result.output.contains("200 cases, 0 faults"), "\(result.output.suffix(3000))")
    }

    /// What is left out would not be noticed by killing a process: the power has to go.
    @Test(arguments: ["-wal", ".sqlite", "models"]) func whatIsNotSynchronizedIsMissed(ending: String) throws {
        let result = try trials("cuts", "save", "100", "--lie", ending)
        #expect(result.status == 1 && result.output.contains("and was promised"), "\(result.output.suffix(300))")
    }

    /// A file that has got its name is promised only when the folder has been synchronized after that.
    @Test(arguments: ["export", "replace", "repair"]) func namesAreOnTheDiskWhenTheyArePromised(scenario: String) throws
    {
        let lines = try trials("show", scenario).output.split(separator: "\n")
        let names = ["copy.sqlite", "jacquard.sqlite"]
        var isDurable = true, promises = 0
        for line in lines {
            if line.hasPrefix("promised") {
                #expect(isDurable, "\(line)")
                promises += 1
            }
            if names.contains(where: { line.hasSuffix(" make \($0)") || line.hasSuffix(" to \($0)") }) {
                isDurable = false
            }
            if line.hasSuffix(" sync models") { isDurable = true }
        }
        // What was promised last has nothing after it.
        #expect(isDurable && promises > 0)
    }

    /// Models, arrays, pictures and tables, of which a path leads to the old file or to the new one.
    @Test func filesAreOldOrNew() throws {
        let result = try trials("files", "--cuts", "20")
        #expect(result.status == 0 && result.output.contains(" 0 faults"), "\(result.output.suffix(3000))")
    }

    /// Two processes, failing disks, power cuts, damaged bytes and lost stores, as a seed has it.
    @Test func wholeHistoriesFromASeed() throws {
        let result = try trials("histories", "200")
        #expect(result.status == 0 && result.output.contains("200 cases, 0 faults"), "\(result.output.suffix(5000))")
    }

    /// A folder was made whose name could not be made to stay, and the next attempt took it for one that does, until the
    /// power went. The disk fails at each of the operations that make the folder, also for so long that it cannot be
    /// removed again; then the store is made again.
    @Test(arguments: ["", "-on"]) func aHistoryThatOnceLostAStore(ending: String) throws {
        let expected = ["mkdir models", "open disk", "fsync disk"]
        var failed: [String] = []
        for operation in 1...3 {
            let result = try trials("faults", "create", "--case", "io-\(operation)\(ending)", "--counts", "yes")
            #expect(result.status == 0 && result.output.contains("1 cases, 0 faults"), "\(result.output.suffix(5000))")
            failed += expected.filter { result.output.contains("io, \($0): ") }
        }
        #expect(failed == expected)
    }

    /// Once, or it and all that follow: no room, no rights, an input/output error, half a write, a process that dies.
    @Test func anyOperationMayFail() throws {
        let result = try trials("faults", "all", "--every", "149")
        #expect(result.status == 0 && result.output.contains(" 0 faults"), "\(result.output.suffix(3000))")
    }
}

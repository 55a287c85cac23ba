package import ArgumentParser
package import Kernels

/// `--precision`: what a model of text computes with while it writes and scores.
package struct PrecisionArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Weights of models of text in single precision or rounded to int8.",
            discussion:
                "With int8 a model writes three to four times as fast, other texts than in single precision, and as well to a "
                + "few ten-thousandths of a nat. charnn eval says how well.", valueName: "kind"))
    package var precision: WritingPrecision = .single

    package init() {}
}

extension WritingPrecision: ExpressibleByArgument {}

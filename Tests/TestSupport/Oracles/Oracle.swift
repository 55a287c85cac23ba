/// Naive forward computations in double precision, written from the equations and from nothing else.
///
/// They are slow and plain so that a reader can check them against the formula in the comment. They are themselves
/// checked against PyTorch (`Tests/Fixtures`). Their gradients are central differences; there is no backward pass here
/// that could share a mistake with the engine's.
///
/// Letters: T time, N batch, D input features, H hidden units, V vocabulary, M rows of any kind.
public enum Oracle {}

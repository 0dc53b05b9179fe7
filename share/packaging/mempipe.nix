# SPDX-License-Identifier: MIT
# Nix: nix-build -E 'with import <nixpkgs> { }; callPackage ./mempipe.nix { }' beside the tarball.
{ lib, stdenv }:

stdenv.mkDerivation {
  pname = "mempipe";
  version = "0.1.0";
  src = ./mempipe-0.1.0.tar.gz;

  makeFlags = [ "PREFIX=${placeholder "out"}" ];
  enableParallelBuilding = true;

  doInstallCheck = true;
  installCheckPhase = ''
    sh share/packaging/smoke.sh $out/bin man
  '';

  meta = {
    description = "Measure the memory of a process tree, and when it is needed";
    license = lib.licenses.mit;
    platforms = lib.platforms.linux;
    mainProgram = "memrun";
  };
}
